-- Standing records, and the search index.

-- State that lasts until it is changed: bans, roles, accounts, settings.
CREATE TABLE record (
    scope TEXT NOT NULL,                -- a room's name; empty is the whole server
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    value TEXT NOT NULL,                -- JSON
    sum INTEGER NOT NULL,               -- CRC-32 of the value, for the check of a damaged file
    PRIMARY KEY (scope, kind, key)
) WITHOUT ROWID;

CREATE INDEX record_by_key ON record (kind, key);

-- The keys of nicks with messages.
CREATE TABLE speaker (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE
);

-- One row per message (said, acted or whispered) that is indexed.
CREATE TABLE said (
    id INTEGER PRIMARY KEY,             -- grows with the event's time: see _indexing.py
    room INTEGER NOT NULL REFERENCES room (id),
    seq INTEGER NOT NULL,
    speaker INTEGER NOT NULL REFERENCES speaker (id),
    sum INTEGER NOT NULL                -- CRC-32 of the event, for the check of a damaged file
);

CREATE UNIQUE INDEX said_by_place ON said (room, seq);

-- The contents of the index.  Speaker and room are single tokens, so that FTS5 itself can
-- intersect them with the words; a person's many conversations share the token of their party.
CREATE VIEW spoken AS
SELECT
    said.id AS id,
    event.text AS text,
    'n' || said.speaker AS nick,
    'r' || said.room || CASE
        WHEN room.name LIKE '@%'
        THEN ' p' || hex(substr(room.name, 2, instr(room.name, ':') - 2))
            || ' p' || hex(substr(room.name, instr(room.name, ':') + 1))
        ELSE ''
    END AS room
FROM said
JOIN event ON event.room = said.room AND event.seq = said.seq
JOIN room ON room.id = said.room;

CREATE VIRTUAL TABLE words USING fts5 (
    text, nick, room, content = 'spoken', content_rowid = 'id', tokenize = 'unicode61 remove_diacritics 2'
);

-- Merging is a step of its own, of bounded time: left to itself, FTS5 does it inside any INSERT.
INSERT INTO words (words, rank) VALUES ('automerge', 0);
INSERT INTO words (words, rank) VALUES ('usermerge', 16);
INSERT INTO words (words, rank) VALUES ('crisismerge', 128);

-- How far each room is indexed: from first to last.  A room without a row is new: nothing yet.
-- Events older than this version are indexed backward from the newest.
CREATE TABLE indexed (
    room INTEGER PRIMARY KEY REFERENCES room (id),
    first INTEGER NOT NULL,
    last INTEGER NOT NULL
);

INSERT INTO indexed
SELECT id, tip + 1, tip FROM (
    SELECT id, (SELECT max(seq) FROM event WHERE event.room = room.id) AS tip FROM room
) WHERE tip IS NOT NULL;

-- A slice is indexed by one statement, INSERT INTO indexing: with several, Python's interpreter
-- lock would be released between them while SQLite's is held, and commits would wait for both.
-- rows is JSON: [id, room, seq, nick's key, sum] each.  progress: [room, first, last] each.
CREATE VIEW indexing AS SELECT NULL AS rows, NULL AS progress;

CREATE TRIGGER indexing_a_slice INSTEAD OF INSERT ON indexing BEGIN
    INSERT OR IGNORE INTO speaker (key) SELECT json_extract(value, '$[3]') FROM json_each(new.rows);
    INSERT INTO said
    SELECT
        json_extract(value, '$[0]'),
        json_extract(value, '$[1]'),
        json_extract(value, '$[2]'),
        (SELECT id FROM speaker WHERE key = json_extract(value, '$[3]')),
        json_extract(value, '$[4]')
    FROM json_each(new.rows);
    INSERT INTO words (rowid, text, nick, room)
    SELECT spoken.id, text, nick, room
    FROM json_each(new.rows) AS one CROSS JOIN spoken ON spoken.id = json_extract(one.value, '$[0]');
    INSERT OR REPLACE INTO indexed
    SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]')
    FROM json_each(new.progress);
END;

-- The oldest events of a room, up to a seq, are also removed by one statement: INSERT INTO trimming.
CREATE VIEW trimming AS SELECT NULL AS room, NULL AS upto;

CREATE TRIGGER trimming_a_slice INSTEAD OF INSERT ON trimming BEGIN
    INSERT INTO words (words, rowid, text, nick, room)
    SELECT 'delete', spoken.id, spoken.text, spoken.nick, spoken.room
    FROM said CROSS JOIN spoken ON spoken.id = said.id
    WHERE said.room = new.room AND said.seq <= new.upto;
    DELETE FROM said WHERE room = new.room AND seq <= new.upto;
    DELETE FROM event WHERE room = new.room AND seq <= new.upto;
END;
