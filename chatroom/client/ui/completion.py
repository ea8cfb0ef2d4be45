"""What the Tab key offers: commands, nicks and rooms, whichever belongs there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document

from ..conversation import Conversation

_SECRET = ("PASSWORD", "OLD", "NEW", "KEY")
"""What commands call an argument that nothing is ever offered for."""


class ChatCompleter(Completer):
    """Completes the word before the cursor from what *conversation* knows."""

    def __init__(self, conversation: Conversation) -> None:
        self._conversation = conversation

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterator[Completion]:
        """Offer what the word under the cursor may become."""
        *before, word = document.text_before_cursor.split(" ")
        for offer in completions(self._conversation, before, word):
            yield Completion(offer, start_position=-len(word))


def completions(conversation: Conversation, before: list[str], word: str) -> list[str]:
    """
    Work out what *word* may become.

    :param before: the words before it in the line.
    """
    if not before and word.startswith("/"):
        return [f"{name} " for name in _starting(word, (usage.split()[0] for usage in conversation.commands))]
    kind = _argument(conversation, before)
    if kind in _SECRET:
        return []
    if kind.islower():
        return _starting(word, kind.split("|"))
    if kind == "ROOM" or word.startswith("#"):
        mark = "#" if word.startswith("#") else ""
        return [mark + room for room in _starting(word.removeprefix("#"), conversation.rooms.known)]
    if kind == "COMMAND":
        return _starting(word, (usage.split()[0].removeprefix("/") for usage in conversation.commands))
    others = conversation.rooms.here - {conversation.nick}
    if kind == "NICK":
        return [
            f"{nick} "
            for nick in _starting(word, set().union(*conversation.rooms.people.values()) - {conversation.nick})
        ]
    if not word:
        return []
    return [nick if before else f"{nick}: " for nick in _starting(word, others)]


def _argument(conversation: Conversation, before: list[str]) -> str:
    """Tell what a command's usage calls the argument at the cursor: ``NICK`` in ``/msg NICK TEXT``."""
    if not before or not before[0].startswith("/"):
        return ""
    for usage in conversation.commands:
        name, *arguments = usage.split()
        if name == before[0].lower() and arguments:
            # The last one may be of several words.
            return arguments[min(len(before), len(arguments)) - 1].strip("[]")
    return ""


def _starting(word: str, names: Iterable[str]) -> list[str]:
    return sorted(name for name in names if name.casefold().startswith(word.casefold()))
