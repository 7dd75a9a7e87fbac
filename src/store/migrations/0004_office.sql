-- The whole office: visits with several segments, desks that are open and pause, numbers that do not begin at 1.

-- Derived: every ticket as it is now. Its times, calls and desk are those of its present segment.
CREATE TABLE visit (
    id              BLOB    NOT NULL PRIMARY KEY,
    branch          INTEGER NOT NULL REFERENCES branch (id),
    -- The business day on which it was issued.
    day             TEXT    NOT NULL,
    code            TEXT    NOT NULL,
    -- The prefix on the paper.
    series          TEXT    GENERATED ALWAYS AS (rtrim(rtrim(code, '0123456789'), '-')) VIRTUAL,
    -- Counts the numbers of a day and series: 1, 2, 3 … whatever the numbers themselves are.
    serial          INTEGER NOT NULL,
    number          INTEGER NOT NULL,
    service         INTEGER NOT NULL,
    rank            INTEGER NOT NULL,
    channel         TEXT    NOT NULL,
    lang            TEXT    NOT NULL,
    name            TEXT,
    token           BLOB    NOT NULL,
    note            TEXT,
    outcome         TEXT,
    state           TEXT    NOT NULL,
    desk            INTEGER,
    agent           BLOB,
    -- The one desk that it waits for.
    reserved        INTEGER,
    -- Of the whole visit; those in earlier segments.
    calls           INTEGER NOT NULL,
    calls_before    INTEGER NOT NULL,
    issued_at       INTEGER NOT NULL,
    booked_for      INTEGER,
    -- Milliseconds that it was expected to wait when it was issued.
    expected        INTEGER,
    -- Which segment is the present one.
    segment         INTEGER NOT NULL,
    -- When it began, if not when the ticket was issued.
    queued_at       INTEGER,
    first_called_at INTEGER,
    last_called_at  INTEGER,
    started_at      INTEGER,
    -- Since when it is held; milliseconds held before.
    held_at         INTEGER,
    held            INTEGER NOT NULL,
    ended_at        INTEGER,
    -- `visitor` or `staff`.
    cancelled_by    TEXT,
    -- 0 when the end of the day ended it and nobody at a desk: reports leave its times out.
    reliable        INTEGER NOT NULL,
    -- Entries that issued it and that changed it last.
    issued_rev      INTEGER NOT NULL,
    rev             INTEGER NOT NULL
) STRICT;

INSERT INTO visit (id, branch, day, code, serial, number, service, rank, channel, lang, name, token, state, desk, calls, calls_before,
    issued_at, segment, first_called_at, last_called_at, started_at, held, ended_at, reliable, issued_rev, rev)
SELECT id, branch, day, code, number, number, service, rank, channel, lang, name, token, state, desk, calls, 0,
    issued_at, 1, first_called_at, last_called_at, started_at, 0, ended_at, reliable, issued_rev, rev
FROM ticket ORDER BY rowid;

DROP TABLE ticket;
ALTER TABLE visit RENAME TO ticket;

-- Unique in a day; what stands on the paper is not, where a range of numbers begins again.
CREATE UNIQUE INDEX ticket_serial ON ticket (branch, day, series, serial);
CREATE INDEX ticket_code ON ticket (branch, day, code);

-- Derived: every stay of a ticket in one queue, which is what reports count. Those of a day lie together, in order of arrival.
CREATE TABLE segment (
    branch          INTEGER NOT NULL REFERENCES branch (id),
    -- The business day of its ticket.
    day             TEXT    NOT NULL,
    -- `issued_rev` of its ticket.
    arrival         INTEGER NOT NULL,
    -- 1, 2, 3 …
    segment         INTEGER NOT NULL,
    ticket          BLOB    NOT NULL,
    service         INTEGER NOT NULL,
    rank            INTEGER NOT NULL,
    channel         TEXT    NOT NULL,
    desk            INTEGER,
    agent           BLOB,
    calls           INTEGER NOT NULL,
    queued_at       INTEGER NOT NULL,
    first_called_at INTEGER,
    last_called_at  INTEGER,
    started_at      INTEGER,
    -- Milliseconds held.
    held            INTEGER NOT NULL,
    ended_at        INTEGER,
    -- How it ended: `finished`, `transferred`, `missed`, `left`, `cancelled`, `expired`; NULL while it lasts.
    ending          TEXT,
    reliable        INTEGER NOT NULL,
    PRIMARY KEY (branch, day, arrival, segment)
) STRICT, WITHOUT ROWID;

INSERT INTO segment (branch, day, arrival, segment, ticket, service, rank, channel, desk, calls, queued_at, first_called_at, last_called_at,
    started_at, held, ended_at, ending, reliable)
SELECT branch, day, issued_rev, 1, id, service, rank, channel, desk, calls, issued_at, first_called_at, last_called_at,
    started_at, 0, ended_at, iif(state IN ('finished', 'missed', 'expired'), state, NULL), reliable
FROM ticket ORDER BY branch, day, issued_rev;

-- Derived: how long one agent was at one desk. Somebody else there is another row; a pause is not.
CREATE TABLE desk_time (
    branch     INTEGER NOT NULL REFERENCES branch (id),
    day        TEXT    NOT NULL,
    -- Entry that opened it.
    rev        INTEGER NOT NULL,
    desk       INTEGER NOT NULL,
    agent      BLOB,
    opened_at  INTEGER NOT NULL,
    -- NULL while it is open.
    closed_at  INTEGER,
    -- `left`, `lost`, `moved`, `removed` or `day_over`; NULL when another agent took the desk over.
    why        TEXT,
    PRIMARY KEY (branch, day, rev)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX desk_time_open ON desk_time (branch, desk) WHERE closed_at IS NULL;

-- Derived: when a desk that is open took no next ones.
CREATE TABLE pause (
    branch   INTEGER NOT NULL REFERENCES branch (id),
    day      TEXT    NOT NULL,
    -- Entry that began it.
    rev      INTEGER NOT NULL,
    -- `rev` of its desk_time.
    opened   INTEGER NOT NULL,
    reason   TEXT,
    began_at INTEGER NOT NULL,
    -- NULL while it lasts.
    ended_at INTEGER,
    PRIMARY KEY (branch, day, rev)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX pause_open ON pause (branch, opened) WHERE ended_at IS NULL;

-- The last number given out of a day and a series, and how many were: `serial` is advanced in the transaction that issues, by exactly one.
CREATE TABLE count (
    branch INTEGER NOT NULL REFERENCES branch (id),
    day    TEXT    NOT NULL,
    series TEXT    NOT NULL,
    serial INTEGER NOT NULL,
    last   INTEGER NOT NULL,
    PRIMARY KEY (branch, day, series)
) STRICT, WITHOUT ROWID;

INSERT INTO count (branch, day, series, serial, last) SELECT branch, day, series, last, last FROM counter;
DROP TABLE counter;
ALTER TABLE count RENAME TO counter;

-- They lack what an office knows since: the next start reads the log from its first line, once.
DELETE FROM snapshot;
