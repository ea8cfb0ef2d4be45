"""What the server can be told, by the command line and by a file, and how it is told anew."""
