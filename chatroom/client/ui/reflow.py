"""Reflow: where the rows of the prompt are after the terminal has changed its width."""

from __future__ import annotations

from asyncio import TimerHandle
from collections.abc import Callable, Mapping

from prompt_toolkit.application import Application
from prompt_toolkit.layout import Layout
from prompt_toolkit.layout.screen import Screen

from chatroom.terminal.layout import rows_of

_SAVE_CURSOR, _RESTORE_CURSOR = "\x1b7", "\x1b8"
"""DECSC and DECRC, of the VT100."""
_CLEAR_ROW = "\x1b[2K\x1b[B"
"""Clear the row, and go to the next one, if there is one (ECMA-48, EL and CUD)."""

SETTLING_TIME = 0.4
"""
Seconds after the last change of the size until the prompt is drawn again.

tmux wraps its lines anew at once, but tells the size of quick changes only after 0.25 seconds; what is drawn between
the two leaves a copy of the prompt.
"""


def reflows(environment: Mapping[str, str]) -> bool:
    """
    Return whether the terminal wraps its lines anew when its width changes.

    Nearly all do.  These don't: xterm, the console of Linux, and GNU screen.
    """
    return environment.get("TERM") != "linux" and not {"XTERM_VERSION", "STY"} & environment.keys()


def follow_reflow(application: Application[str]) -> None:
    """
    Let *application* erase its prompt completely when the width of the terminal has changed.

    It moves the cursor up by as many rows as there were above it.  But a narrower terminal has made several rows of
    each, so it would leave the first ones on the screen.  Meanwhile, nothing is drawn until the width has settled.
    """
    renderer, output = application.renderer, application.output
    erase, render = renderer.erase, renderer.render
    settling = Settling(application, application._on_resize)

    def is_reflowed() -> bool:
        return renderer._last_size is not None and renderer._last_size.columns != output.get_size().columns

    def erase_reflowed(leave_alternate_screen: bool = True) -> None:
        screen = renderer.last_rendered_screen
        if screen is not None and is_reflowed():
            size, at = output.get_size(), renderer._cursor_pos
            output.cursor_up(rows_above(screen, at.x, at.y, size.columns))
            # Row by row, because tmux keeps what was on a screen that is cleared as a whole.
            output.write_raw(_SAVE_CURSOR + _CLEAR_ROW * size.rows + _RESTORE_CURSOR)
            # It goes up again by as many.
            output.cursor_down(at.y)
        erase(leave_alternate_screen)

    def render_anew(app: Application[str], layout: Layout, is_done: bool = False) -> None:
        if settling.pending and not is_done:
            return
        if is_reflowed():
            erase_reflowed()
        render(app, layout, is_done)

    # There is no other way to be called before the prompt is erased.
    renderer.erase = erase_reflowed  # type: ignore[method-assign]
    renderer.render = render_anew  # type: ignore[method-assign]
    application._on_resize = settling.begin  # type: ignore[method-assign]


class Settling:
    """
    Waits until the size of the terminal has stopped changing.

    :param then: called once it has.
    """

    def __init__(self, application: Application[str], then: Callable[[], object]) -> None:
        self._application = application
        self._then = then
        self._timer: TimerHandle | None = None

    @property
    def pending(self) -> bool:
        """Whether the size may still be changing."""
        return self._timer is not None

    def begin(self) -> None:
        """Start to wait, once more if this was waiting already."""
        if self._timer is not None:
            self._timer.cancel()
        loop = self._application.loop
        self._timer = loop.call_later(SETTLING_TIME, self._end) if loop is not None else None

    def _end(self) -> None:
        self._timer = None
        if self._application.is_running:
            self._then()


def rows_above(screen: Screen, x: int, y: int, width: int) -> int:
    """Count the rows above the cursor, which was in column *x* of row *y* of *screen*, at this *width*."""
    above = sum(max(1, rows_of(_widths(screen, row, None), width)) for row in range(y))
    # The cursor is behind the cells that are left of it, or at the beginning of the next row.
    return above + rows_of([*_widths(screen, y, x), 1], width) - 1


def _widths(screen: Screen, row: int, end: int | None) -> list[int]:
    """List the widths of the characters in *row*, up to the column *end*, or as far as anything has been drawn."""
    cells = screen.data_buffer[row]
    if end is None:
        end = max((column + 1 for column, cell in cells.items() if cell.char != " "), default=0)
    column, widths = 0, []
    while column < end:
        # Combining marks share the cell of their character; a wide character has two cells, the second one empty.
        widths.append(cells[column].width or 1)
        column += widths[-1]
    return widths
