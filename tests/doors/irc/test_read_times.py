"""Times up to which people have read: what is remembered, and how much."""

from chatroom.doors.irc.read_times import MOST, ReadTimes


def test_each_party_has_a_time_for_each_place():
    times = ReadTimes()
    times.note("g:ann", "tea", 3.5)
    times.note("g:ann", "tea", 4.5)
    times.note("g:ann", "@talk", 1.0)
    assert (times.of("g:ann", "tea"), times.of("g:ann", "@talk"), times.of("g:bob", "tea")) == (4.5, 1.0, 0.0)


def test_the_oldest_times_are_forgotten():
    times = ReadTimes()
    for n in range(MOST + 1):
        times.note(f"g:{n}", "tea", 1.0)
    assert times.of("g:0", "tea") == 0.0 and times.of("g:1", "tea") == 1.0
