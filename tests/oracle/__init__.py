"""Second implementations, written from the texts and never from the code they check."""
