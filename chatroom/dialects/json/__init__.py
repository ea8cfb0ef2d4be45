"""JSON lines: one object a line, for programs, and for the client and the web page."""
