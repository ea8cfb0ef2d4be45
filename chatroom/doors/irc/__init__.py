"""The IRC door: clients of RFC 1459, RFC 2812 and IRCv3 in the same rooms as everyone else."""
