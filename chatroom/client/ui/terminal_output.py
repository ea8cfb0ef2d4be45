"""The screen: what is drawn on a terminal that is gone is dropped."""

from __future__ import annotations

from contextlib import suppress

from prompt_toolkit.application import get_app_session


def survive_hangup() -> None:
    """
    Let writing to a terminal that is gone (EIO) be no error: prompts would fail before they say goodbye.

    The end of the input tells the client that the terminal is gone.
    """
    output = get_app_session().output
    flush = output.flush

    def flush_if_there() -> None:
        with suppress(OSError):
            flush()

    output.flush = flush_if_there  # type: ignore[method-assign]
