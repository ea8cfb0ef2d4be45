"""The server process: starts and stops everything in order, and looks after it while it runs."""
