"""
The house: names, limits, commands, rooms and sessions.

Each module of ``chatroom/chat`` that does something has a test file named after it: ``rooms/membership.py`` has
``test_membership.py``.  Where two modules have the same name, that of the folder stands before it, as in
``test_commands_accounts.py`` and ``test_people_accounts.py``.  In these files people are `tests.chat.bare.Bare`:
what they ask are command objects, what they are shown are event and reply objects, and no test depends on how any
of that is worded.

The other files go through the doors, and are named after what they are about, such as ``test_guests.py``.
"""
