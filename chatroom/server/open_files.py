"""The limit of open files: each connection is one."""

from __future__ import annotations

import resource


def raise_open_files_limit() -> None:
    """Raise the soft limit, which is often 1,024 for the sake of select(), to the hard one."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
