"""The status line below the prompt: who and where one is, what is unread elsewhere, and the connection."""

from __future__ import annotations

from prompt_toolkit.utils import get_cwidth

from chatroom.dialects.sanitize import clean

from ..activity import Activity
from ..conversation import Conversation
from ..ui_port import ConnectionState


def status(conversation: Conversation, where: str, width: int) -> str:
    """
    Word the status line.

    :param where: the server's address, for people.
    :param width: columns of the screen; what does not fit is left out, the least important first.
    """
    talk, place = conversation, conversation.rooms.current
    parts = [talk.nick]
    if place:
        parts.append(talk.activity.name(place))
    news = unread(talk.activity, width - get_cwidth(" · ".join(parts)) - 4)
    parts += [news] if news else []
    if place in talk.rooms.people:
        people = len(talk.rooms.here)
        parts.append(f"{people:,} {'person' if people == 1 else 'people'}")
    state = "saying goodbye" if talk.leaving else talk.state.value
    parts.append(f"{state}{' to' if talk.state is not ConnectionState.ASKING else ','} {where}")
    waiting = talk.waiting
    if waiting and talk.state is not ConnectionState.LIVE:
        parts.append(f"{waiting:,} {'line' if waiting == 1 else 'lines'} waiting")
    plain = clean(" " + " · ".join(parts))
    full = clean(" " + " · ".join([f"{parts[0]} ({talk.role})", *parts[1:]]))
    return full if talk.role and get_cwidth(full) <= width else plain


def title(conversation: Conversation, where: str) -> str:
    """Word the title of the window: the place, the server, and in front how many lines are unread elsewhere."""
    activity, place = conversation.activity, conversation.rooms.current
    news = activity.unread.values()
    lines = sum(one.lines for one in news)
    mark = "!" if any(one.called for one in news) else ""
    return f"{f'({lines:,}{mark}) ' if lines else ''}{f'{activity.name(place)} · ' if place else ''}{where}"


def unread(activity: Activity, width: int) -> str:
    """
    Word what is unread: ``[2:games 3 5:@bob 1!]``, with a mark where the person is called; "": nothing.

    :param width: columns for it; if there is more, the most urgent is shown.
    """
    places, number = activity.unread, {place: number for number, place in enumerate(activity.places, 1)}
    words = {
        place: f"{number[place]}:{activity.name(place).removeprefix('#')} {news.lines:,}{'!' * news.called}"
        for place, news in places.items()
    }
    shown: set[str] = set()
    line = ""
    for place in sorted(places, key=lambda place: not places[place].called):
        more = " …" if len(shown) + 1 < len(places) else ""
        longer = f"[{' '.join(words[one] for one in places if one in {*shown, place})}{more}]"
        if get_cwidth(longer) > width:
            break
        shown.add(place)
        line = longer
    return line or ("[…]" if places else "")
