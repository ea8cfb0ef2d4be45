"""The ways in: Twisted protocols and factories, one per kind of guest."""
