"""Plain text: lines that people read and type in nc and telnet."""
