"""What is shown at a person's terminal, and the keys that are pressed there: bytes in, bytes out, without sockets."""
