"""Completion with the Tab key: commands, nicks and rooms, whichever fits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document

from chatroom.chat.syntax.emoji import NAMES

from ..conversation import Conversation
from ..local_commands import COMMANDS
from ..secrets import holds_secret

_BEFORE_NICKS = "@([{<\"'“‘„«¿¡*_~"
"""What may stand before a nick without a space; no name begins with any of it."""

_MEANT = {"/edit": True, "/delete": True, "/react": False, "/answer": False}
"""The commands that may mean a message by its number; whether the person's own ones come into question, or others'."""


class ChatCompleter(Completer):
    """Completes the word before the cursor from what *conversation* knows."""

    def __init__(self, conversation: Conversation) -> None:
        self._conversation = conversation

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterator[Completion]:
        """Offer completions of the word before the cursor."""
        # A pasted block has several lines.
        *before, word = document.text_before_cursor.replace("\n", " ").split(" ")
        follows = document.text_after_cursor.startswith(" ")
        for offer in completions(self._conversation, before, word):
            yield Completion(offer.rstrip() if follows else offer, start_position=-len(word))


def completions(conversation: Conversation, before: list[str], word: str) -> list[str]:
    """
    List the completions of *word*, each with the space, or the colon and the space, that people put after it.

    :param before: the words before it in the line.
    """
    if not before and word.startswith("/"):
        return _spaced(word, _names(conversation))
    if len(word) > 1 and word.startswith(":"):
        return _emoji(word)
    if len(before) == 1 and before[0].lower() in _MEANT:
        return _messages(conversation, before[0].lower(), word)
    kind = _argument(conversation, before)
    if kind != "NICK" and holds_secret(" ".join([*before, "…"]), conversation.typed.secrets):
        return []
    if kind.islower():
        return _spaced(word, kind.split("|"))
    if "ROOM" in kind.split("|") or word.startswith("#"):
        return _spaced(word, _places(conversation, word, kind))
    if kind == "COMMAND":
        return _spaced(word, (name.removeprefix("/") for name in _names(conversation)))
    if kind == "NICK":
        return _spaced(word, set().union(*conversation.rooms.people.values()) - {conversation.nick})
    return _people(conversation, word, first=not before)


def _emoji(word: str) -> list[str]:
    """List the emoji whose names *word* begins to write, each once."""
    found = dict.fromkeys(NAMES[name] for name in sorted(NAMES) if name.startswith(word[1:].rstrip(":")))
    return [f"{one} " for one in found]


def _messages(conversation: Conversation, command: str, word: str) -> list[str]:
    """List the numbers of the messages that *command* may mean; the text follows where it is to be changed."""
    offers = conversation.recent.offers(conversation.rooms.current, own=_MEANT[command])
    # A pasted block would be more than the line takes.
    texts = {seq: f"{seq} {text if command == '/edit' and chr(10) not in text else ''}" for seq, text in offers}
    found = [text for seq, text in texts.items() if str(seq).startswith(word)]
    return found + (_people(conversation, word, first=False) if command == "/answer" else [])


def _people(conversation: Conversation, word: str, *, first: bool) -> list[str]:
    """List the people whom *word* begins to name, perhaps after an ``@`` or a bracket; *first*: they are addressed."""
    nick = word.lstrip(_BEFORE_NICKS)
    mark = word.removesuffix(nick) if nick else word
    if not nick and not mark.endswith("@"):
        return []
    people = conversation.rooms.here | conversation.activity.other(conversation.rooms.current)
    after = ": " if first and not mark else " "
    return [f"{mark}{one}{after}" for one in _starting(nick, people - {conversation.nick})]


def _places(conversation: Conversation, word: str, kind: str) -> list[str]:
    mark = "#" if word.startswith("#") else ""
    rooms = [mark + room for room in conversation.rooms.known]
    if kind != "N|ROOM":
        return rooms
    # Private conversations can be gone to, though not joined.
    activity = conversation.activity
    return rooms + [activity.name(place) for place in activity.places if place.startswith("@")]


def _names(conversation: Conversation) -> list[str]:
    """List all commands, the client's own included."""
    return [usage.split()[0] for usage in {**conversation.commands, **COMMANDS}]


def _argument(conversation: Conversation, before: list[str]) -> str:
    """Name the argument at the cursor as the usage of the command does: ``NICK`` in ``/msg NICK TEXT``."""
    if not before or not before[0].startswith("/"):
        return ""
    for usage in {**conversation.commands, **COMMANDS}:
        name, *arguments = usage.split()
        if name == before[0].lower() and arguments:
            # The last argument may have several words.
            return arguments[min(len(before), len(arguments)) - 1].strip("[]")
    return ""


def _spaced(word: str, names: Iterable[str]) -> list[str]:
    return [f"{name} " for name in _starting(word, names)]


def _starting(word: str, names: Iterable[str]) -> list[str]:
    return sorted(name for name in names if name.casefold().startswith(word.casefold()))
