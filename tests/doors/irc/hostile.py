"""Lines that strangers could send to the IRC door, made at random: commands, tags, logins, masks, modes and noise."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from chatroom.dialects.irc.names import msgid
from chatroom.doors.irc.actions import TABLE
from chatroom.doors.irc.server import CAPABILITIES
from tests.doors.irc.raw import plain

ADMIN, ADMIN_SECRET = "chief", "secret99x"
"""The account of an admin, whose password the lines have often."""

NICKS = [
    "ann",
    "bob",
    "nc",
    "program",
    "reader",
    "chief",
    "NickServ",
    "ANN",
    "Zoë",
    "тест",
    "pаypal",
    "x" * 40,
    "*",
    "a!b@c",
]
CHANNELS = [
    "#lobby",
    "#lobby",
    "#tea",
    "#TEA",
    "#x y",
    "#",
    "#" + "y" * 60,
    "lobby",
    "@#tea",
    "+#tea",
    "&tea",
    "#ﷺ",
    "0",
]
TEXTS = [
    "hi",
    "",
    " ",
    "tea time",
    "/etc",
    "//x",
    "\1ACTION waves\1",
    "\1VERSION\1",
    "\1ACTION",
    "\1",
    "a\x1b[2Jb",
    "a\u202eb",
]
TEXTS += [
    "\x02bold\x0f",
    "\x034,5red",
    "x" * 390,
    "😀" * 100,
    "e\u0301" * 80,
    "\u2028",
    "\ufff9a\ufffb",
    "\x9b31m",
    ":-)",
    "a\tb",
]
MASKS = [
    "*!*@*",
    "bob!*@*",
    "$a:chief",
    "*!*@192.0.2.0/24",
    "*!*@0123456789ab.cloak",
    "b?b",
    "[::1]",
    "~a:x",
    "*@*",
    "!@",
]
LETTERS = "+-obqkilmnstvBwixyz"
TIMES = [
    "timestamp=2026-01-02T03:04:05.678Z",
    "timestamp=x",
    "msgid=00000000-1",
    "msgid=x",
    "*",
    "timestamp=9999-99-99T",
]
TAGS = [
    "label",
    "batch",
    "+draft/reply",
    "+draft/react",
    "+draft/unreact",
    "+typing",
    "msgid",
    "time",
    "account",
    "+",
    "",
    "bot",
]
TYPED = [
    "help",
    "history",
    "edit",
    "me",
    "msg",
    "topic",
    "nick",
    "join",
    "leave",
    "delete",
    "react",
    "answer",
    "who",
    "rooms",
]
TYPED += [
    "ignore",
    "ban",
    "kick",
    "lock",
    "invite",
    "search",
    "away",
    "notify",
    "numbers",
    "catchup",
    "private",
    "time",
    "s/a/b/",
]

TALK = [
    *("PRIVMSG {chan} :{text}", "PRIVMSG {chan} :{text}", "PRIVMSG {nick} :{text}", "NOTICE {chan} :{text}"),
    *("NOTICE {nick},{chan} :{text}", "TOPIC {chan} :{text}", "PRIVMSG {chan} :\1ACTION {text}\1", "TAGMSG {chan}"),
    *("BATCH +{batch} draft/multiline {chan}", "@batch={batch} PRIVMSG {chan} :{text}", "BATCH -{batch}"),
    *(
        "CHAT {typed} {text}",
        "CHAT :/{typed} {nick} {text}",
        "CHAT /{typed} {n} {text}",
        "CHAT {typed}",
        "{typed} {word}",
    ),
    *("@+draft/react=👍;+draft/reply={id} TAGMSG {chan}", "REDACT {chan} {id} :{text}", "JOIN {chan}"),
]
"""What lines that say something are made of."""

FORMS = [
    *("JOIN {chan},{chan} {word},{word}", "PART {chan} :{text}", "TOPIC {chan}", "KICK {chan} {nick} :{text}"),
    *("INVITE {nick} {chan}", "NAMES {chan}", "LIST {mask}", "LIST >{n}", "MODE {chan} {modes} {mask} {nick} {n}"),
    *("MODE {chan} {modes} {nick} {mask}", "MODE {chan} {modes}", "MODE {nick} {modes}", "MODE {chan} +v {nick}"),
    *("NICK {nick}", "NICK :{text}", "USER {word} 0 * :{text}", "SETNAME :{text}", "AWAY :{text}", "QUIT :{text}"),
    *("WHO {mask} %tcuihsnfdlaor,{n}", "WHO {chan}", "WHOIS {nick}", "WHOIS {nick} {nick}", "WHOWAS {nick} {n}"),
    *("MONITOR {sign} {nick},{mask}", "MONITOR L", "ISON {nick} {nick}", "USERHOST {nick}", "PING :{text}", "PONG"),
    *("CAP LS 302", "CAP REQ :{cap} {cap} -{cap}", "CAP REQ :{cap}", "CAP REQ :{text}", "CAP {word}", "CAP LIST"),
    *(
        "CHATHISTORY {word} {chan} {time} {n}",
        "CHATHISTORY LATEST {chan} * {n}",
        "CHATHISTORY TARGETS {time} {time} {n}",
    ),
    *("CHATHISTORY BETWEEN {chan} {time} {time} {n}", "MARKREAD {chan} {time}", "HELP {word}", "NS INFO {nick}"),
    *(
        "NS {word} {word}",
        "CS {word} {chan} {nick} :{text}",
        "CS KICK {chan} {nick} :{text}",
        "CS TOPIC {chan} :{text}",
    ),
    *(
        "KILL {nick} :{text}",
        "REHASH",
        "VERIFY {word} {word}",
        "{text}",
        ":{word} PRIVMSG {chan} :{text}",
        "STATS {word}",
    ),
    *("AUTHENTICATE PLAIN", "AUTHENTICATE {word}", "AUTHENTICATE *", "AUTHENTICATE +", "AUTHENTICATE :{text}"),
]
"""What all other lines are made of."""

SECRET = [
    *(
        "PASS {secret}",
        "PASS {nick}:{secret}",
        "PASS :{secret} {text}",
        "NS IDENTIFY {secret}",
        "NS IDENTIFY {nick} {secret}",
    ),
    *(
        "NICKSERV REGISTER {secret}",
        "PRIVMSG NickServ :IDENTIFY {nick} {secret}",
        "NOTICE NickServ :IDENTIFY {secret}",
    ),
    *(
        "privmsg NICKSERV,{chan} :{secret}",
        "PRIVMSG {chan},NickServ :{secret}",
        "IDENTIFY {secret}",
        "OPER {nick} {secret}",
        "REGISTER * * {secret}",
    ),
    *(
        "REGISTER {nick} {word} {secret}",
        "CHAT login {secret}",
        "CHAT :/login {nick} {secret}",
        "CHAT //register {secret}",
    ),
    *("CHAT :{text}/login {secret}", "CHAT password {secret} {secret}", "PRIVMSG {chan} :/login {nick} {secret}"),
    *(
        "PRIVMSG {chan} : /msg NickServ IDENTIFY {secret}",
        "NOTICE {nick} : /ns identify {secret}",
        "LOGIN {nick} {secret}",
    ),
    *(
        "PRIVMSG {chan} :\1ACTION /login {secret}\1",
        "MODE {chan} +k {secret}",
        "CHAT lock {secret}",
        "JOIN {chan} {secret}",
    ),
    *(
        "NS DROP {secret}",
        "NS SET PASSWORD {secret} {secret}",
        "@{tags} NS IDENTIFY {secret}",
        "@{tags} CHAT login {secret}",
    ),
    *("NICK {nick}\r\nPASS {secret}\r\nUSER a 0 * :A", "CAP REQ sasl\r\nAUTHENTICATE PLAIN\r\nAUTHENTICATE {plain}"),
]
"""Lines with a password or a key, ``{secret}``, of which nobody else may be shown anything."""


class Stranger:
    """
    Makes what one client sends.

    :param number: the passwords of this client begin with ``secret`` and this number.
    """

    def __init__(self, random: Random, number: int) -> None:
        self._random = random
        self._number = number
        self._count = 0
        self._slots: dict[str, Callable[[], str]] = {
            "nick": lambda: random.choice(NICKS),
            "chan": lambda: random.choice(CHANNELS),
            "text": self._text,
            "word": lambda: random.choice([*NICKS, *CHANNELS, *MASKS, *TYPED, "LATEST", "IDENTIFY", "x"]),
            "mask": lambda: random.choice(MASKS),
            "modes": lambda: "".join(random.choices(LETTERS, k=random.randrange(1, 6))),
            "n": lambda: random.choice(["0", "1", "5", "-1", "200", "99999999999999999999", "x", "٣"]),
            "sign": lambda: random.choice("+-CLS"),
            "cap": lambda: random.choice([*CAPABILITIES, "nope"]),
            "time": lambda: random.choice(TIMES),
            "id": lambda: random.choice(
                [msgid(random.choice(["lobby", "tea"]), random.randrange(40)), "x", "-1", "0"]
            ),
            "batch": lambda: random.choice("12"),
            "typed": lambda: random.choice(TYPED),
            "tags": self._tags,
            "secret": self._secret,
            "plain": lambda: plain(random.choice([ADMIN, "ann", "x"]), self._secret()),
        }

    def _text(self) -> str:
        random = self._random
        if random.random() < 0.1:
            return "".join(chr(random.choice([random.randrange(0x300), random.randrange(0x3000)])) for _ in range(9))
        return random.choice(TEXTS)

    def _secret(self) -> str:
        self._count += 1
        return self._random.choice([ADMIN_SECRET, f"secret{self._number}x{self._count % 3}"])

    def _tags(self) -> str:
        random = self._random
        values = [
            "",
            "=",
            "=1",
            "=2",
            f"={random.choice(TEXTS)}",
            f"={random.choice(TIMES)[6:]}",
            "=\\s\\:\\n\\",
            "=👍",
        ]
        return ";".join(
            f"{random.choice(TAGS)}{random.choice(values)}".replace(" ", "\\s") for _ in range(random.randrange(1, 4))
        )

    def _filled(self, form: str) -> str:
        start, brace, rest = form.partition("{")
        if not brace:
            return start
        name, _, rest = rest.partition("}")
        return start + self._slots[name]() + self._filled(rest)

    def line(self) -> bytes:
        """Make a line, with its end or without, or several."""
        random = self._random
        kind = random.random()
        if kind < 0.06:
            # Whole and alone, so that it is no part of something that is said.
            return b"\r\n" + self._filled(random.choice(SECRET)).encode(errors="surrogatepass") + b"\r\n"
        if kind < 0.14:
            words = random.choices(["{nick}", "{chan}", "{word}", "{n}"], k=random.randrange(5))
            form = " ".join([random.choice(sorted(TABLE)), *words, *random.choice([[], [":{text}"]])])
        else:
            form = random.choice(TALK if kind < 0.55 else FORMS)
        if random.random() < 0.2:
            form = "@{tags} " + form
        data = self._filled(form).encode(errors="surrogatepass")
        if random.random() < 0.1:
            data = self._damaged(data)
        return data + random.choice([b"\r\n"] * 20 + [b"\n", b"\r", b"\n\n", b"\0\r\n", b""])

    def _damaged(self, data: bytes) -> bytes:
        random = self._random
        place = random.randrange(len(data) + 1)
        more = random.choice(
            [b"\0", b"\xff", b"\xc3", b"\x1b[2J", b"\r", b" ", b" :", b"\1", b":", b"x" * 600, b"@" + b"y" * 5000]
        )
        return random.choice([data[:place], data[:place] + more + data[place:], data[place:], data * 2])
