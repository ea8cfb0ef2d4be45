"""The server process: starts and stops all parts in order, and maintains them while it runs."""
