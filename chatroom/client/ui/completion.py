"""Completion with the Tab key: commands, nicks and rooms, whichever fits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document

from ..conversation import Conversation
from ..secrets import holds_secret


class ChatCompleter(Completer):
    """Completes the word before the cursor from what *conversation* knows."""

    def __init__(self, conversation: Conversation) -> None:
        self._conversation = conversation

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterator[Completion]:
        """Offer completions of the word before the cursor."""
        *before, word = document.text_before_cursor.split(" ")
        for offer in completions(self._conversation, before, word):
            yield Completion(offer, start_position=-len(word))


def completions(conversation: Conversation, before: list[str], word: str) -> list[str]:
    """
    List the completions of *word*.

    :param before: the words before it in the line.
    """
    if not before and word.startswith("/"):
        return [f"{name} " for name in _starting(word, (usage.split()[0] for usage in conversation.commands))]
    kind = _argument(conversation, before)
    if kind != "NICK" and holds_secret(" ".join([*before, "…"]), conversation.secrets):
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
    """Name the argument at the cursor as the usage of the command does: ``NICK`` in ``/msg NICK TEXT``."""
    if not before or not before[0].startswith("/"):
        return ""
    for usage in conversation.commands:
        name, *arguments = usage.split()
        if name == before[0].lower() and arguments:
            # The last argument may have several words.
            return arguments[min(len(before), len(arguments)) - 1].strip("[]")
    return ""


def _starting(word: str, names: Iterable[str]) -> list[str]:
    return sorted(name for name in names if name.casefold().startswith(word.casefold()))
