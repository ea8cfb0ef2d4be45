"""The web door: the page over HTTP, and the chat over WebSocket."""
