-- Changes of messages.  What quotes a message, and the text of an edit, are read from the message itself, so nothing
-- else has to be cleared with it.

ALTER TABLE event ADD COLUMN re INTEGER;    -- the message that it answers or is about
ALTER TABLE event ADD COLUMN marks TEXT;    -- what has become of it since, in JSON: see _rows.py

CREATE INDEX about ON event (room, re) WHERE re IS NOT NULL;

-- Messages whose former text is still to be erased from the disk.
CREATE TABLE erasure (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    room INTEGER NOT NULL REFERENCES room (id),
    seq INTEGER NOT NULL,
    at REAL NOT NULL,                       -- seconds since the epoch
    deleted INTEGER NOT NULL                -- 1: deleted; 0: edited, which may wait
);
