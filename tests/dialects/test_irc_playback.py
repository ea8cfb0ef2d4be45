"""What IRC clients are shown of what happened, among past messages."""

from chatroom.chat.changes import Deleted
from chatroom.chat.event import Marks
from chatroom.chat.events import Delivered, Edited, Invited, Joined, Kicked, Left, Reacted, Said, TopicChanged
from chatroom.dialects.irc.playback import played


class Asked:
    """A look as far as it matters here."""

    def __init__(self, *, playback=True, redaction=False, invite_notify=False):
        self.playback, self.redaction, self.invite_notify = playback, redaction, invite_notify


HEAD = ("tea", 1.0, "ann-id", "ann")
SAID, TOPIC = (1, Said(*HEAD, "hi")), (2, TopicChanged(*HEAD, "cups"))


def test_only_who_asks_is_shown_more_than_messages():
    assert played(Asked(playback=False), [SAID, TOPIC]) == [SAID]
    assert played(Asked(), [SAID, TOPIC]) == [SAID, TOPIC]


def test_what_the_messages_say_by_now_does_not_come_twice():
    later = [(3, Edited(*HEAD, 1, "ho")), (4, Delivered(*HEAD)), (5, Reacted(*HEAD, 1, "👍"))]
    assert [seq for seq, _ in played(Asked(), later)] == [5]


def test_who_knows_redaction_is_not_shown_what_was_taken_back():
    gone, deleted = (1, Said(*HEAD, "", marks=Marks(deleted="ann"))), (2, Deleted(*HEAD, 1, "ann", True))
    assert played(Asked(), [gone, deleted]) == played(Asked(playback=False), [gone, deleted]) == [gone]
    assert played(Asked(redaction=True), [gone, deleted]) == [deleted]


def test_a_kick_says_that_its_target_left():
    kicked, left = (3, Kicked(*HEAD, "bob")), (4, Left("tea", 1.0, "bob-id", "bob"))
    other = (5, Left("tea", 1.0, "bob-id", "bob"))
    assert played(Asked(), [kicked, left, other]) == [kicked, other]


def test_invitations_come_to_who_would_have_seen_them():
    invited, joined = (3, Invited(*HEAD, "bob")), (4, Joined(*HEAD))
    assert played(Asked(), [invited, joined]) == [joined]
    assert played(Asked(invite_notify=True), [invited, joined]) == [invited, joined]
