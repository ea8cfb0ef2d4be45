-- The search index anew, for all languages: what is indexed is made in Python, see _tokens.py.  The history
-- that was indexed before is indexed again, behind the chat.

DROP VIEW trimming;
DROP VIEW indexing;
DROP TABLE words;
DROP VIEW spoken;
DROP TABLE said;

-- One row for everything said (and acted, and whispered) that can be found by now.
CREATE TABLE said (
    id INTEGER PRIMARY KEY,             -- grows with the event's time: see _ids.py
    room INTEGER NOT NULL REFERENCES room (id),
    seq INTEGER NOT NULL,
    speaker INTEGER NOT NULL REFERENCES speaker (id),
    sum INTEGER NOT NULL,               -- CRC-32 of the event, for the check of a damaged file
    tokens TEXT                         -- what is indexed, if that is not the text itself
);

CREATE UNIQUE INDEX said_by_place ON said (room, seq);

-- What the index is made of.  To delete a row, FTS5 needs exactly the text that it was given, so tokens are
-- kept: a later version, or another Python, may make others of the same text.
CREATE VIEW spoken AS
SELECT
    said.id AS id,
    coalesce(said.tokens, event.text) AS text,
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

-- This tokenizer takes everything outside of ASCII for letters, so it splits tokens at their spaces only.
CREATE VIRTUAL TABLE words USING fts5 (
    text, nick, room, content = 'spoken', content_rowid = 'id', tokenize = 'ascii'
);

-- Merging is a step of its own, of bounded time: left to itself, FTS5 does it inside any INSERT.
INSERT INTO words (words, rank) VALUES ('automerge', 0);
INSERT INTO words (words, rank) VALUES ('usermerge', 16);
INSERT INTO words (words, rank) VALUES ('crisismerge', 128);

DELETE FROM indexed;

INSERT INTO indexed
SELECT id, tip + 1, tip FROM (
    SELECT id, (SELECT max(seq) FROM event WHERE event.room = room.id) AS tip FROM room
) WHERE tip IS NOT NULL;

-- What still has to be indexed: a search says so.
CREATE INDEX unfinished ON indexed (room) WHERE first > 1;

-- To index a slice is one statement, INSERT INTO indexing: each statement of its own would give
-- up Python's interpreter lock while it holds SQLite's, and commits would wait for both.
-- rows is JSON: [id, room, seq, nick's key, sum, tokens] each.  progress: [room, first, last] each.
CREATE VIEW indexing AS SELECT NULL AS rows, NULL AS progress;

CREATE TRIGGER indexing_a_slice INSTEAD OF INSERT ON indexing BEGIN
    INSERT OR IGNORE INTO speaker (key) SELECT json_extract(value, '$[3]') FROM json_each(new.rows);
    INSERT INTO said
    SELECT
        json_extract(value, '$[0]'),
        json_extract(value, '$[1]'),
        json_extract(value, '$[2]'),
        (SELECT id FROM speaker WHERE key = json_extract(value, '$[3]')),
        json_extract(value, '$[4]'),
        json_extract(value, '$[5]')
    FROM json_each(new.rows);
    INSERT INTO words (rowid, text, nick, room)
    SELECT spoken.id, text, nick, room
    FROM json_each(new.rows) AS one CROSS JOIN spoken ON spoken.id = json_extract(one.value, '$[0]');
    INSERT OR REPLACE INTO indexed
    SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]')
    FROM json_each(new.progress);
END;

-- To remove the oldest events of a room, up to a seq, is one statement, too: INSERT INTO trimming.
CREATE VIEW trimming AS SELECT NULL AS room, NULL AS upto;

CREATE TRIGGER trimming_a_slice INSTEAD OF INSERT ON trimming BEGIN
    INSERT INTO words (words, rowid, text, nick, room)
    SELECT 'delete', spoken.id, spoken.text, spoken.nick, spoken.room
    FROM said CROSS JOIN spoken ON spoken.id = said.id
    WHERE said.room = new.room AND said.seq <= new.upto;
    DELETE FROM said WHERE room = new.room AND seq <= new.upto;
    DELETE FROM event WHERE room = new.room AND seq <= new.upto;
END;
