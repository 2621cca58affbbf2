"""Who speaks: tokens, keys and signatures as pure functions of rows, bytes and an instant."""
