"""The link: how door processes and the process of the house talk to each other."""
