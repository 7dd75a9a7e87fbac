-- The log of every branch, which is the truth, and what is derived from it in the same transaction. Times are milliseconds since
-- 1970-01-01 UTC. The opaque ids are 16-byte blobs: half of what their hexadecimal text takes in the table and in every index, compared by
-- memcmp; `lower(hex(id))` shows them as the rest of the program writes them.

-- "SGTE": tells our file from any other SQLite database.
PRAGMA application_id = 1397183557;

-- A branch and the end of its log.
CREATE TABLE branch (
    id    INTEGER PRIMARY KEY,
    -- Names this log: another text when the log is not a continuation of what a client knows.
    epoch TEXT    NOT NULL,
    -- `rev` of the last entry, 0 when there is none.
    rev   INTEGER NOT NULL,
    -- The business day opened last, `YYYY-MM-DD`: new tickets belong to it.
    day   TEXT
) STRICT;

-- The log. A line is never changed and never deleted.
CREATE TABLE event (
    branch INTEGER NOT NULL REFERENCES branch (id),
    rev    INTEGER NOT NULL,
    at     INTEGER NOT NULL,
    -- The idempotency key of the command that this event answers.
    key    TEXT,
    json   TEXT    NOT NULL,
    -- Read out of the JSON when a query asks: nothing of the log is stored twice.
    type   TEXT    GENERATED ALWAYS AS (json ->> '$.type') VIRTUAL,
    ticket TEXT    GENERATED ALWAYS AS (json ->> '$.ticket') VIRTUAL,
    PRIMARY KEY (branch, rev)
) STRICT, WITHOUT ROWID;

-- Derived: every ticket as it is now. A row is appended when the ticket is issued, so that the tickets of a day lie together; the index on
-- the random `id` is small.
CREATE TABLE ticket (
    id              BLOB    NOT NULL PRIMARY KEY,
    branch          INTEGER NOT NULL REFERENCES branch (id),
    -- The business day on which it was issued.
    day             TEXT    NOT NULL,
    code            TEXT    NOT NULL,
    number          INTEGER NOT NULL,
    service         INTEGER NOT NULL,
    rank            INTEGER NOT NULL,
    channel         TEXT    NOT NULL,
    lang            TEXT    NOT NULL,
    name            TEXT,
    token           BLOB    NOT NULL,
    state           TEXT    NOT NULL,
    desk            INTEGER,
    calls           INTEGER NOT NULL,
    issued_at       INTEGER NOT NULL,
    first_called_at INTEGER,
    last_called_at  INTEGER,
    started_at      INTEGER,
    ended_at        INTEGER,
    -- 0 when the end of the day ended it and nobody at a desk: reports leave its times out.
    reliable        INTEGER NOT NULL,
    -- Entries that issued it and that changed it last.
    issued_rev      INTEGER NOT NULL,
    rev             INTEGER NOT NULL
) STRICT;

-- What stands on the paper is unique in a day; reports read a day at a time.
CREATE UNIQUE INDEX ticket_code ON ticket (branch, day, code);

-- Derived: every call and recall; `seq` numbers those of the branch over all days.
CREATE TABLE call (
    branch INTEGER NOT NULL REFERENCES branch (id),
    seq    INTEGER NOT NULL,
    rev    INTEGER NOT NULL,
    ticket BLOB    NOT NULL,
    desk   INTEGER NOT NULL,
    at     INTEGER NOT NULL,
    -- Which call of this ticket it is: 1 is the first one, more a recall.
    calls  INTEGER NOT NULL,
    PRIMARY KEY (branch, seq)
) STRICT, WITHOUT ROWID;

-- The last number given out of a day and a series (the prefix on the paper): advanced in the transaction that issues, by exactly one.
CREATE TABLE counter (
    branch INTEGER NOT NULL REFERENCES branch (id),
    day    TEXT    NOT NULL,
    series TEXT    NOT NULL,
    last   INTEGER NOT NULL,
    PRIMARY KEY (branch, day, series)
) STRICT, WITHOUT ROWID;

-- The ticket that a key stands for, for ever.
CREATE TABLE idempotency (
    branch INTEGER NOT NULL REFERENCES branch (id),
    key    TEXT    NOT NULL,
    ticket BLOB    NOT NULL,
    rev    INTEGER NOT NULL,
    PRIMARY KEY (branch, key)
) STRICT, WITHOUT ROWID;

-- The office after entry `rev`, so that a start need not read the log from its first line. Only the newest is kept.
CREATE TABLE snapshot (
    branch INTEGER PRIMARY KEY REFERENCES branch (id),
    rev    INTEGER NOT NULL,
    json   TEXT    NOT NULL
) STRICT;

-- One row that is written to learn whether the disk takes writes.
CREATE TABLE probe (
    id     INTEGER PRIMARY KEY CHECK (id = 1),
    writes INTEGER NOT NULL,
    -- Room taken and given back in the same transaction, so that a probe fails where growing fails.
    room   BLOB
) STRICT;
