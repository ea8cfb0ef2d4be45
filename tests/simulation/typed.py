"""Typed input: every command, in random lines."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .actions import Actions

PASSWORDS = ("password-1", "password-2")

Line = Callable[["Actions"], str]

COMMANDS: list[Line] = [
    lambda do: f"/me {do.word()}",
    lambda do: f"/join {do.room()}",
    lambda do: f"/join {do.room()}",
    lambda do: f"/join {do.room()}",
    lambda do: f"/join {do.room()} key",
    lambda do: f"/leave {do.room()}",
    lambda do: f"/leave {do.room()}",
    lambda do: "/leave",
    lambda do: f"/nick {do.nick()}",
    lambda do: f"/nick {do.nick()}{do.random.randrange(3)}",
    lambda do: "/quit gone",
    lambda do: "/who",
    lambda do: f"/whois {do.nick()}",
    lambda do: "/rooms",
    lambda do: "/rooms",
    lambda do: "/rooms",
    lambda do: f"/history {do.random.randrange(1, 30)}",
    lambda do: f"/history 3 {do.random.choice(('03:00', 'today', 'yesterday', '2026-01-02 03:01'))}",
    lambda do: f"/search w{do.random.randrange(do.words + 1)}",
    lambda do: f"/search from:{do.nick()}",
    lambda do: f"/search from:{do.nick()} in:{do.room()}",
    lambda do: f"/ignore {do.nick()}",
    lambda do: f"/unignore {do.nick()}",
    lambda do: "/away",
    lambda do: f"/seen {do.nick()}",
    lambda do: f"/topic about {do.random.randrange(9)}",
    lambda do: "/topic",
    lambda do: "/time",
    lambda do: "/help join",
    lambda do: "/color",
    lambda do: "/plain",
    lambda do: "/notify mentions",
    lambda do: "/others",
    lambda do: "/unread",
    lambda do: "/read",
    lambda do: f"/catchup {do.room()}",
    lambda do: f"/catchup {do.nick()}",
    lambda do: "/sessions",
    lambda do: f"/sessions end {do.random.choice((1, 2, 3))}",
    lambda do: "/sessions end others",
]

PROVING: list[Line] = [
    lambda do: f"/register {do.random.choice(PASSWORDS)}",
    lambda do: f"/register {do.random.choice(PASSWORDS)}",
    lambda do: f"/login {do.proof(do.nick())}",
    lambda do: f"/login {do.proof(do.nick())}",
    lambda do: f"/login {do.proof(do.nick())}",
    lambda do: f"/login {do.proof(do.nick())}",
    lambda do: "/logout",
    lambda do: "/logout",
    lambda do: "/account",
    lambda do: f"/account delete {do.password(do.nick())}",
    lambda do: f"/password {do.password(do.nick())} {do.random.choice(PASSWORDS)}",
    lambda do: f"/token add bot{do.random.randrange(4)}",
    lambda do: f"/token add bot{do.random.randrange(4)} {do.room()}",
    lambda do: f"/token remove bot{do.random.randrange(4)}",
    lambda do: "/token",
]

RULING: list[Line] = [
    lambda do: f"/kick {do.nick()}",
    lambda do: f"/kick {do.nick()} for nothing",
    lambda do: f"/ban {do.target()}",
    lambda do: f"/ban {do.target()} why not",
    lambda do: f"/ban {do.address()}",
    lambda do: f"/unban {do.nick()}",
    lambda do: f"/unban {do.nick()}",
    lambda do: "/bans",
    lambda do: f"/mute {do.target()}",
    lambda do: f"/mute {do.nick()}",
    lambda do: f"/unmute {do.nick()}",
    lambda do: f"/unmute {do.nick()}",
    lambda do: f"/unmute {do.nick()}",
    lambda do: "/slow 5",
    lambda do: "/slow",
    lambda do: "/lock key",
    lambda do: "/lock",
    lambda do: "/unlock",
    lambda do: "/private",
    lambda do: "/private",
    lambda do: "/private off",
    lambda do: f"/invite {do.nick()}",
    lambda do: f"/invite {do.nick()}",
    lambda do: f"/op {do.nick()}",
    lambda do: f"/op {do.nick()}",
    lambda do: f"/deop {do.nick()}",
    lambda do: f"/gban {do.target()}",
    lambda do: f"/gunban {do.nick()}",
    lambda do: f"/gunban {do.nick()}",
    lambda do: "/gbans",
    lambda do: "/announce all is well",
    lambda do: "/audit 5",
    lambda do: "/shutdown 10s for a while",
    lambda do: "/shutdown cancel",
]
