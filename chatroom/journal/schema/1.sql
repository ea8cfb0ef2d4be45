-- The first version.  The number of the last script that ran is the file's user_version.

CREATE TABLE meta (
    key TEXT PRIMARY KEY,
    value BLOB NOT NULL
) WITHOUT ROWID;

CREATE TABLE room (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    topic TEXT NOT NULL DEFAULT ''
);

-- One row per event; the next seq of a room is one more than the highest here, so the removal
-- of old events must leave the newest of each room.
CREATE TABLE event (
    room INTEGER NOT NULL REFERENCES room (id),
    seq INTEGER NOT NULL,               -- 1, 2, 3, ... in each room; holes only below the oldest
    type TEXT NOT NULL,
    at REAL NOT NULL,                   -- seconds since the epoch
    "by" TEXT NOT NULL,                 -- the identity
    nick TEXT NOT NULL,
    text TEXT NOT NULL,
    target TEXT NOT NULL,
    ref TEXT,
    PRIMARY KEY (room, seq)
) WITHOUT ROWID;

-- Who is in which room, by the events so far; rows left at the next start are from a crash.
CREATE TABLE presence (
    room INTEGER NOT NULL REFERENCES room (id),
    identity TEXT NOT NULL,
    nick TEXT NOT NULL,
    PRIMARY KEY (room, identity)
) WITHOUT ROWID;

-- The two identities of each private conversation.
CREATE TABLE party (
    identity TEXT NOT NULL,
    room INTEGER NOT NULL REFERENCES room (id),
    PRIMARY KEY (identity, room)
) WITHOUT ROWID;
