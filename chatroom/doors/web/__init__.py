"""The way in for browsers: the page over HTTP, and the chat over WebSocket."""
