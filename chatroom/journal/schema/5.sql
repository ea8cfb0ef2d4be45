-- What accounts have read, and where they are mentioned.

-- How far an account has read a room or a conversation.
CREATE TABLE reading (
    account TEXT NOT NULL,              -- its id
    room TEXT NOT NULL,                 -- its name: the room may still be without events
    seq INTEGER NOT NULL,               -- the last one that was read; it never goes back
    member INTEGER NOT NULL,            -- 1: the account is in this room, and comes back into it
    sum INTEGER NOT NULL,               -- CRC-32 of account and room, minus 2 * seq + member, for the check of a damaged file
    PRIMARY KEY (account, room)
) WITHOUT ROWID;

-- The events beyond that position that mention the account.
CREATE TABLE mention (
    account TEXT NOT NULL,
    room TEXT NOT NULL,
    seq INTEGER NOT NULL,
    PRIMARY KEY (account, room, seq)
) WITHOUT ROWID;

CREATE INDEX mention_by_event ON mention (room, seq);

-- The changes of a commit are one statement, INSERT INTO marking; see _readings.py.  All are JSON:
-- wiped: accounts.  gone: [account, room] each.  kept: [account, room, CRC-32 of both, seq, member or null,
-- seq of a new row at least] each.  mentioned: [account, room, seq] each.
CREATE VIEW marking AS SELECT NULL AS wiped, NULL AS gone, NULL AS kept, NULL AS mentioned;

CREATE TRIGGER marking_what_is_read INSTEAD OF INSERT ON marking BEGIN
    DELETE FROM mention WHERE account IN (SELECT value FROM json_each(new.wiped));
    DELETE FROM reading WHERE account IN (SELECT value FROM json_each(new.wiped));
    DELETE FROM mention WHERE (account, room) IN (
        SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]') FROM json_each(new.gone)
    );
    DELETE FROM reading WHERE (account, room) IN (
        SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]') FROM json_each(new.gone)
    );
    INSERT INTO reading
    SELECT account, room, start, coalesce(member, 0), sum - 2 * start - coalesce(member, 0) FROM (
        SELECT
            json_extract(value, '$[0]') AS account,
            json_extract(value, '$[1]') AS room,
            json_extract(value, '$[2]') AS sum,
            json_extract(value, '$[4]') AS member,
            json_extract(value, '$[5]') AS start
        FROM json_each(new.kept)
    ) AS one WHERE NOT EXISTS (SELECT 1 FROM reading WHERE reading.account = one.account AND reading.room = one.room);
    UPDATE reading SET
        seq = max(reading.seq, one.seq),
        member = coalesce(one.member, reading.member),
        sum = one.sum - 2 * max(reading.seq, one.seq) - coalesce(one.member, reading.member)
    FROM (
        SELECT
            json_extract(value, '$[0]') AS account,
            json_extract(value, '$[1]') AS room,
            json_extract(value, '$[2]') AS sum,
            json_extract(value, '$[3]') AS seq,
            json_extract(value, '$[4]') AS member
        FROM json_each(new.kept)
    ) AS one WHERE reading.account = one.account AND reading.room = one.room;
    DELETE FROM mention WHERE (account, room, seq) IN (
        SELECT mention.account, mention.room, mention.seq
        FROM json_each(new.kept) AS one
        CROSS JOIN reading
            ON reading.account = json_extract(one.value, '$[0]') AND reading.room = json_extract(one.value, '$[1]')
        CROSS JOIN mention
            ON mention.account = reading.account AND mention.room = reading.room AND mention.seq <= reading.seq
    );
    -- At most 1,000 of an account and room: who has so many needs no exact number.
    INSERT OR IGNORE INTO mention
    SELECT account, room, seq FROM (
        SELECT
            reading.account AS account,
            reading.room AS room,
            json_extract(one.value, '$[2]') AS seq,
            row_number() OVER (
                PARTITION BY reading.account, reading.room ORDER BY json_extract(one.value, '$[2]')
            ) + (
                SELECT count(*) FROM mention AS known
                WHERE known.account = reading.account AND known.room = reading.room
            ) AS number
        FROM json_each(new.mentioned) AS one
        CROSS JOIN reading
            ON reading.account = json_extract(one.value, '$[0]') AND reading.room = json_extract(one.value, '$[1]')
        WHERE json_extract(one.value, '$[2]') > reading.seq
    ) WHERE number <= 1000;
END;

-- Retention removes mentions with their events.
DROP TRIGGER trimming_a_slice;

CREATE TRIGGER trimming_a_slice INSTEAD OF INSERT ON trimming BEGIN
    INSERT INTO words (words, rowid, text, nick, room)
    SELECT 'delete', spoken.id, spoken.text, spoken.nick, spoken.room
    FROM said CROSS JOIN spoken ON spoken.id = said.id
    WHERE said.room = new.room AND said.seq <= new.upto;
    DELETE FROM said WHERE room = new.room AND seq <= new.upto;
    DELETE FROM mention WHERE room = (SELECT name FROM room WHERE id = new.room) AND seq <= new.upto;
    DELETE FROM event WHERE room = new.room AND seq <= new.upto;
END;
