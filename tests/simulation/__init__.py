"""A simulation of the whole server: one seed decides everything, and invariants are checked after each step."""
