-- Records changed by a program other than the server.  It notes them in the transaction that
-- changes them; the server reads the new rows and forgets the old ones when it starts.  The ids are
-- never used again, so "after the last one that was read" stays true over restarts.
CREATE TABLE change (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    scope TEXT NOT NULL,
    kind TEXT NOT NULL,
    key TEXT NOT NULL
);
