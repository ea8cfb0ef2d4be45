"""The API: answers the requests of scripts, which act for an account by a token."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

import h11

from chatroom.chat.hub import Hub
from chatroom.chat.people.bot import Bot
from chatroom.chat.policy import LOBBY
from chatroom.chat.ports import JournalError
from chatroom.chat.refusals import BadInput, Refusal, TooMany
from chatroom.chat.replies import Gap
from chatroom.chat.rooms.message_pages import MessagePage
from chatroom.chat.rooms.posting import Post
from chatroom.chat.syntax import names
from chatroom.chat.syntax.blanks import is_blank
from chatroom.dialects.json.encoder import event_object
from chatroom.dialects.sanitize import clean
from chatroom.dialects.text.events import event_lines
from chatroom.dialects.text.history import past
from chatroom.dialects.text.replies import reply_lines
from chatroom.doors.closed import TOO_MANY
from chatroom.doors.connection_limits import ConnectionLimits, place_of_host

from ..forwarded import Peer
from ..headers import header_values
from ..responses import Response, text_response
from .calls import Call, Stream
from .errors import json_response, refused, unreadable
from .formats import Formats
from .hooks import read_hook
from .openapi import DESCRIPTION
from .request_parts import (
    hook_of,
    is_json,
    json_object,
    kind_of,
    lines_of,
    plain,
    preferred,
    query_of,
    room_of,
    string_in,
    token_of,
    whole,
)

DESCRIBED_AT = "/openapi.json"

_LIMIT = 50
"""Messages in an answer, unless the request says how many."""

_ALLOWED = {"messages": "GET, HEAD, POST", "events": "GET, HEAD", "hooks": "POST", "openapi.json": "GET, HEAD"}


class Api:
    """
    Answers what is below ``/rooms/`` and ``/hooks/``, and the description of it.

    :param limits: limits streams by place, like connections of people.
    """

    def __init__(self, hub: Hub, limits: ConnectionLimits) -> None:
        self._hub = hub
        self._limits = limits
        self._formats = Formats(hub.core.limits.ref)

    def serves(self, path: str) -> bool:
        """Return whether *path* is of the API."""
        return path == DESCRIBED_AT or room_of(path) is not None or hook_of(path) is not None

    def takes_body(self, request: h11.Request, path: str) -> bool:
        """Return whether *request* may have a body, to be read or refused by its method."""
        if not self.serves(path):
            return False
        return request.method == b"POST" or request.method.decode() not in _ALLOWED[_what(path)].split(", ")

    def respond(self, request: h11.Request, path: str, peer: Peer) -> Response | Call:
        """Answer *request*, or return the call that does."""
        what = _what(path)
        allowed = _ALLOWED[what]
        if request.method.decode() not in allowed.split(", "):
            *others, last = allowed.split(", ")
            only = f"{', '.join(others)} and {last} are" if others else f"{last} is"
            return text_response(405, f"Only {only} supported here.", ("Allow", allowed))
        if what == "openapi.json":
            return json_response(200, DESCRIPTION)
        try:
            return self._call(what, request, path, peer)
        except Refusal as refusal:
            return refused(refusal, text=what == "hooks")

    def _call(self, what: str, request: h11.Request, path: str, peer: Peer) -> Response | Call:
        access = self._hub.bots.access
        access.check_way(peer.secure)
        self._hub.core.check_open()
        hook = hook_of(path)
        bot = access.bot(token_of(request) if hook is None else hook, peer.address)
        if hook is not None:
            return Call(partial(_guarded, partial(self._hook, bot, kind_of(request)), text=True))
        named, _ = room_of(path) or ("", "")
        try:
            room = names.room(named, self._hub.core.limits.room)
        except Refusal as refusal:
            # No room can be there.
            return refused(refusal, status=404)
        if request.method == b"POST":
            return Call(partial(_guarded, partial(self._post, bot, room, kind_of(request))))
        if what == "messages":
            return self._reading(bot, room, request)
        return self._following(bot, room, request, peer)

    # Posting.

    def _charge(self, bot: Bot, body: bytes) -> None:
        """Charge the place of *bot* for *body*: reading 64 KB may take 20 ms, and need not lead to a message."""
        self._hub.core.budgets.place(bot.address).spend(0.0, len(body))

    async def _post(self, bot: Bot, room: str, kind: str, body: bytes) -> Response:
        self._charge(bot, body)
        if is_json(kind):
            values = json_object(body)
            text, ref = string_in(values, "text"), string_in(values, "ref")
            if text is None:
                raise BadInput('A message needs a "text".')
            # An empty mark is none: a template without its value should not silence all but the first.
            post = Post(lines_of(text), clean(ref or "") or None)
        else:
            post = Post(plain(body))
        if is_blank(post.text):
            # Even if there was another one with this ref.
            raise BadInput("There is nothing to say in that.")
        posted = await self._hub.bots.posting.post(bot, room, post)
        return json_response(200 if posted.again else 201, {"room": posted.room, "seq": posted.seq})

    async def _hook(self, bot: Bot, kind: str, body: bytes) -> Response:
        self._charge(bot, body)
        hook = read_hook(kind, body, self._hub.core.limits)
        room = bot.token.room or hook.room or LOBBY
        await self._hub.bots.posting.post(bot, room, Post(hook.text, None, hook.label, patient=True))
        return Response(200, (("Content-Type", "text/plain"), ("Cache-Control", "no-store")), b"ok")

    # Reading.

    def _reading(self, bot: Bot, room: str, request: h11.Request) -> Call:
        query = query_of(request)
        before, after, limit = (query.number(name) for name in ("before", "after", "limit"))
        kind = preferred(request, ("application/json", "text/plain"))

        async def read(_: bytes) -> Response:
            count = _LIMIT if limit is None else limit
            page = await self._hub.bots.pages.read(bot, room, before, after, count)
            return _text_page(page) if kind == "text/plain" else _json_page(page)

        return Call(partial(_guarded, read))

    def _following(self, bot: Bot, room: str, request: h11.Request, peer: Peer) -> Response | Call:
        query = query_of(request)
        after, last = query.number("after"), header_values(request, b"last-event-id")
        if last:
            # What a client has seen since counts more than where it began.
            after = whole(", ".join(last), "Last-Event-ID")
        on = query.flag("follow", default=True)
        dialect = self._formats.of(request)
        if self._limits.is_full(place_of_host(peer.host)):
            raise TooMany(TOO_MANY)

        async def follow(_: bytes) -> Response | Stream:
            follower = await self._hub.bots.followers.follow(bot, room, after, on=on)
            if request.method == b"HEAD":
                follower.end()
                return Response(200, (("Content-Type", dialect.content_type), ("Cache-Control", "no-store")))
            return Stream(follower, dialect, peer)

        return Call(partial(_guarded, follow))


async def _guarded(
    answer: Callable[[bytes], Coroutine[Any, Any, Response | Stream]], body: bytes, *, text: bool = False
) -> Response | Stream:
    """Answer, and turn a refusal into a response."""
    try:
        return await answer(body)
    except Refusal as refusal:
        return refused(refusal, text=text)
    except JournalError as error:
        return unreadable(error, text=text)


def _what(path: str) -> str:
    """Return what *path* is for: a key of `_ALLOWED`, or something else."""
    found = room_of(path)
    return found[1] if found else path.split("/")[1] if path.count("/") else ""


def _json_page(page: MessagePage) -> Response:
    values: dict[str, object] = {
        "room": page.room,
        "messages": [event_object(seq, event) for seq, event in page.messages],
        "first": page.first,
        "last": page.last,
        "more": page.more,
    }
    if page.gap:
        values["gap"] = page.gap
    return json_response(200, values)


def _text_page(page: MessagePage) -> Response:
    skipped = reply_lines(Gap(page.room, 1, page.gap)) if page.gap else []
    lines = [*skipped, *past(page.messages, event_lines)]
    headers = (("Content-Type", "text/plain; charset=utf-8"), ("Cache-Control", "no-store"))
    return Response(200, headers, "".join(f"{line}\n" for line in lines).encode())
