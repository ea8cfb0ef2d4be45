"""
Mutation testing: the code is changed at random, one place at a time, to see whether any test notices.

``nox -s mutation`` runs it.  A change that no test notices has survived: a test is missing, or the change makes no
difference; then it is listed in ``equivalent.toml``, with the reason.
"""
