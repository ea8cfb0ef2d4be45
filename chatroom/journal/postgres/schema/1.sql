-- Version 1.  One server at a time writes here; see lease.py for which.

CREATE TABLE meta (
    key text COLLATE "C" PRIMARY KEY,
    value text NOT NULL
);

-- Which server may write.  It changes only when another one takes over, and every commit compares it.
CREATE TABLE fence (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    epoch bigint NOT NULL,
    holder text NOT NULL
);
INSERT INTO fence (epoch, holder) VALUES (0, '');

-- Until when that server is believed to live, by the clock of the database; 'epoch' if it has ended.
CREATE TABLE lease (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    until timestamptz NOT NULL,
    address text NOT NULL
);
INSERT INTO lease (until, address) VALUES ('epoch', '');

-- The commits that are done: one whose answer was lost is sent again, and must not be done twice.
CREATE TABLE done (
    epoch bigint NOT NULL,
    n bigint NOT NULL,
    PRIMARY KEY (epoch, n)
);

-- Rooms, private conversations (@ID:ID) and the audit log (&audit).
CREATE TABLE room (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text COLLATE "C" NOT NULL UNIQUE,
    topic text NOT NULL DEFAULT ''
);

-- The parties of a private conversation.
CREATE TABLE party (
    identity text COLLATE "C" NOT NULL,
    room integer NOT NULL REFERENCES room,
    PRIMARY KEY (identity, room)
);

CREATE TABLE event (
    room integer NOT NULL REFERENCES room,
    seq bigint NOT NULL,
    type text NOT NULL,
    at double precision NOT NULL,       -- seconds since the epoch
    "by" text NOT NULL,
    nick text NOT NULL,
    text text NOT NULL,
    target text NOT NULL,
    mark text,                          -- the session and the ref of the sender
    re bigint,                          -- the message that it answers or is about
    marks jsonb,                        -- what has become of it since
    id bigint GENERATED ALWAYS AS IDENTITY,     -- in the order in which everything was committed
    PRIMARY KEY (room, seq)
);
CREATE UNIQUE INDEX event_by_id ON event (id);
-- What people said, and has not been deleted: counted without passing over those who came and went.
CREATE INDEX event_said ON event (room, seq) WHERE type IN ('said', 'acted', 'whispered') AND text <> '';

-- Who is in which room.
CREATE TABLE presence (
    room integer NOT NULL REFERENCES room,
    identity text COLLATE "C" NOT NULL,
    nick text NOT NULL,
    PRIMARY KEY (room, identity)
);

-- Standing records; the value is JSON, kept as it was written.
CREATE TABLE record (
    scope text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    value text NOT NULL,
    PRIMARY KEY (scope, kind, key)
);
CREATE INDEX record_by_key ON record (kind, key, scope);

-- The records that chatroom-admin has changed, for a running server to read.
CREATE TABLE change (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    scope text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL
);

-- How far an account has read a room or a conversation, and whether it is in that room.
CREATE TABLE reading (
    account text COLLATE "C" NOT NULL,
    room text COLLATE "C" NOT NULL,     -- its name: the room may still be without events
    seq bigint NOT NULL,
    member boolean NOT NULL,
    PRIMARY KEY (account, room)
);

-- The events beyond that position that mention the account.
CREATE TABLE mention (
    account text COLLATE "C" NOT NULL,
    room text COLLATE "C" NOT NULL,
    seq bigint NOT NULL,
    PRIMARY KEY (account, room, seq)
);
CREATE INDEX mention_by_event ON mention (room, seq);

-- The search index: the words of every message, with its room, its parties and its nick among them.
CREATE TABLE said (
    room integer NOT NULL REFERENCES room,
    seq bigint NOT NULL,
    at double precision NOT NULL,
    id bigint NOT NULL,                 -- that of the event
    words tsvector NOT NULL,
    PRIMARY KEY (room, seq)
);
CREATE INDEX said_by_time ON said (at, id);
CREATE INDEX said_by_word ON said USING gin (words);

-- What is indexed: the events with ids beyond low, up to high.
CREATE TABLE indexed (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    low bigint NOT NULL,
    high bigint NOT NULL
);
INSERT INTO indexed (low, high) VALUES (0, 0);

-- Refuse what another server than the one of this epoch wants to write.  The lock makes a takeover wait until this
-- transaction has ended, and whoever comes after the takeover is refused.
CREATE FUNCTION check_fence(my_epoch bigint, my_holder text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM fence WHERE epoch = my_epoch AND holder = my_holder FOR SHARE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'another server has taken over' USING ERRCODE = 'CH001';
    END IF;
END $$;

-- Store one commit, all of it or nothing: see writer.py for what the two JSON texts have.
-- Returns false if the commit of that number has been stored before.  An epoch of NULL: from chatroom-admin.
CREATE FUNCTION append(my_epoch bigint, my_holder text, number bigint, events json, more json) RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
    IF my_epoch IS NOT NULL THEN
        PERFORM check_fence(my_epoch, my_holder);
        -- Waits for an earlier try of the same commit that has not ended yet.
        INSERT INTO done VALUES (my_epoch, number) ON CONFLICT DO NOTHING;
        IF NOT FOUND THEN
            RETURN false;
        END IF;
        IF number % 1024 = 0 THEN
            DELETE FROM done WHERE epoch = my_epoch AND n < number - 16;
        END IF;
    END IF;
    INSERT INTO event (room, seq, type, at, "by", nick, text, target, mark)
    SELECT (one->>0)::integer, (one->>1)::bigint, one->>2, (one->>3)::double precision, one->>4, one->>5, one->>6,
        one->>7, one->>8
    FROM json_array_elements(events) WITH ORDINALITY AS given (one, place) ORDER BY place;
    IF more IS NOT NULL THEN
        PERFORM change(more);
    END IF;
    RETURN true;
END $$;

CREATE FUNCTION change(more json) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    -- Who came and went.
    UPDATE presence SET nick = one->>2 FROM json_array_elements(more->'renamed') AS one
    WHERE presence.room = (one->>0)::integer AND presence.identity = one->>1;
    DELETE FROM presence USING json_array_elements(more->'left') AS one
    WHERE presence.room = (one->>0)::integer AND presence.identity = one->>1;
    INSERT INTO presence SELECT (one->>0)::integer, one->>1, one->>2 FROM json_array_elements(more->'joined') AS one
    ON CONFLICT (room, identity) DO UPDATE SET nick = excluded.nick;
    UPDATE room SET topic = one->>1 FROM json_array_elements(more->'topics') AS one WHERE room.id = (one->>0)::integer;

    -- What messages are about, and what has become of them.
    UPDATE event SET re = (one->>2)::bigint, marks = (one->>3)::jsonb FROM json_array_elements(more->'about') AS one
    WHERE event.room = (one->>0)::integer AND event.seq = (one->>1)::bigint;
    UPDATE event SET text = coalesce(one->>2, event.text), marks = (one->>3)::jsonb
    FROM json_array_elements(more->'amended') AS one
    WHERE event.room = (one->>0)::integer AND event.seq = (one->>1)::bigint;
    -- In a statement of its own: the one before waits for the index, and this one sees what that has written.
    UPDATE said SET words = (one->>4)::tsvector FROM json_array_elements(more->'amended') AS one
    WHERE said.room = (one->>0)::integer AND said.seq = (one->>1)::bigint AND one->>4 IS NOT NULL;
    DELETE FROM said USING json_array_elements(more->'deleted') AS one
    WHERE said.room = (one->>0)::integer AND said.seq = (one->>1)::bigint;
    DELETE FROM mention USING json_array_elements(more->'deleted') AS one
    WHERE mention.room = one->>2 AND mention.seq = (one->>1)::bigint;

    -- Standing records.
    INSERT INTO record SELECT one->>0, one->>1, one->>2, one->>3 FROM json_array_elements(more->'kept') AS one
    ON CONFLICT (scope, kind, key) DO UPDATE SET value = excluded.value;
    DELETE FROM record USING json_array_elements(more->'gone') AS one
    WHERE record.scope = one->>0 AND record.kind = one->>1 AND record.key = one->>2;
    INSERT INTO change (scope, kind, key)
    SELECT one->>0, one->>1, one->>2 FROM json_array_elements(more->'noted') AS one;

    -- What was read, and who is mentioned.
    IF more->'positions' IS NOT NULL OR more->'mentioned' IS NOT NULL OR more->'forgotten' IS NOT NULL
        OR more->'wiped' IS NOT NULL
    THEN
        PERFORM note_reading(more);
    END IF;
END $$;

CREATE FUNCTION note_reading(more json) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM mention USING json_array_elements_text(more->'wiped') AS one WHERE mention.account = one;
    DELETE FROM reading USING json_array_elements_text(more->'wiped') AS one WHERE reading.account = one;
    DELETE FROM mention USING json_array_elements(more->'forgotten') AS one
    WHERE mention.account = one->>0 AND mention.room = one->>1;
    DELETE FROM reading USING json_array_elements(more->'forgotten') AS one
    WHERE reading.account = one->>0 AND reading.room = one->>1;
    -- Each: account, room, seq at least, member or null, seq of a new row.
    INSERT INTO reading
    SELECT one->>0, one->>1, (one->>4)::bigint, coalesce((one->>3)::boolean, false)
    FROM json_array_elements(more->'positions') AS one
    ON CONFLICT DO NOTHING;
    UPDATE reading SET
        seq = greatest(reading.seq, (one->>2)::bigint), member = coalesce((one->>3)::boolean, reading.member)
    FROM json_array_elements(more->'positions') AS one
    WHERE reading.account = one->>0 AND reading.room = one->>1;
    DELETE FROM mention USING json_array_elements(more->'positions') AS one, reading
    WHERE reading.account = one->>0 AND reading.room = one->>1
        AND mention.account = reading.account AND mention.room = reading.room AND mention.seq <= reading.seq;
    -- At most 1,000 of an account and room: who has so many needs no exact number.
    INSERT INTO mention
    SELECT account, room, seq FROM (
        SELECT reading.account, reading.room, (one->>2)::bigint AS seq,
            row_number() OVER (PARTITION BY reading.account, reading.room ORDER BY (one->>2)::bigint) + (
                SELECT count(*) FROM mention AS known
                WHERE known.account = reading.account AND known.room = reading.room
            ) AS number
        FROM json_array_elements(more->'mentioned') AS one
        JOIN reading ON reading.account = one->>0 AND reading.room = one->>1
        WHERE (one->>2)::bigint > reading.seq
    ) AS fresh WHERE number <= 1000
    ON CONFLICT DO NOTHING;
END $$;

-- Remove the oldest events of a room, as many as asked for and none beyond a seq; return how many there were.
CREATE FUNCTION trim_room(my_epoch bigint, my_holder text, of_room text, upto bigint, most integer) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
    number integer := (SELECT id FROM room WHERE name = of_room);
    final bigint := (
        SELECT max(seq) FROM (
            SELECT seq FROM event WHERE room = number AND seq <= upto ORDER BY seq LIMIT most
        ) AS oldest
    );
    removed integer;
BEGIN
    IF my_epoch IS NOT NULL THEN
        PERFORM check_fence(my_epoch, my_holder);
    END IF;
    DELETE FROM event WHERE room = number AND seq <= final;
    GET DIAGNOSTICS removed = ROW_COUNT;
    DELETE FROM said WHERE room = number AND seq <= final;
    DELETE FROM mention WHERE room = of_room AND seq <= final;
    RETURN removed;
END $$;
