"""The ways out: how what a session is shown gets into a transport, and what happens when that is full."""
