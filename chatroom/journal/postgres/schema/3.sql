-- Who has the lease: the epoch of its holder, since when, and where the doors of other machines reach it.  All of it is
-- written at each renewal, so that a standby that takes over the database has it within a second.
ALTER TABLE lease
    ADD COLUMN epoch bigint NOT NULL DEFAULT 0,
    ADD COLUMN link text NOT NULL DEFAULT '',
    ADD COLUMN since timestamptz NOT NULL DEFAULT 'epoch';
