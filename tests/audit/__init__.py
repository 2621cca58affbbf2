"""What tools for security find in the code, in the locked packages and in the committed text; see ``__main__``."""
