"""Real servers in processes of their own, real sockets, real programs."""
