"""A QR code of the page's address, drawn on a terminal for the camera of a phone."""

from __future__ import annotations

import io
import os
from collections.abc import Sequence
from typing import TextIO

_BORDER = 2
"""Light modules around the code: ISO/IEC 18004 asks for four, phones are content with two."""

_BLACK_ON_WHITE = "\x1b[97;40m"
"""White blocks on black, whatever the colours of the terminal."""

_RESET = "\x1b[0m"


def show_qr_code(address: str, out: TextIO | None, term: str | None = None) -> None:
    """
    Draw *address* on *out* if that is a terminal on which the code fits.

    :param term: the kind of terminal, as in ``TERM``.
    """
    if out is None or out.closed or not out.isatty() or term == "dumb":
        return
    lines = qr_lines(address)
    columns, rows = os.get_terminal_size(out.fileno())
    if len(lines[0]) >= columns or len(lines) >= rows or not _can_write(lines, out):
        return
    drawn = "".join(f"{_BLACK_ON_WHITE}{line}{_RESET}\n" for line in lines)
    out.write(f"\n{drawn}{address}\n\n")
    out.flush()


def qr_lines(address: str) -> list[str]:
    """Draw *address* with blocks, two modules above each other in one character; light ones are full."""
    # Imported here, because a server without a terminal never needs it.
    import segno

    drawing = io.StringIO()
    segno.make(address, micro=False).terminal(drawing, border=_BORDER, compact=True)
    return drawing.getvalue().splitlines()


def _can_write(lines: Sequence[str], out: TextIO) -> bool:
    try:
        "".join(lines).encode(out.encoding)
    except UnicodeEncodeError:
        return False
    return True
