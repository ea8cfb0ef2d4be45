"""HTTP for scripts: messages, streams of events and webhooks, each with a token."""
