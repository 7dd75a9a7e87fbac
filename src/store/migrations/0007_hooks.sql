-- Web hooks: who is told of tickets and calls, how far each was told, and what became of the latest deliveries. The log itself is what there is to
-- tell: nothing is written here while people work, only when deliveries have ended.

CREATE TABLE hook (
    id            BLOB    NOT NULL PRIMARY KEY,
    branch        INTEGER NOT NULL REFERENCES branch (id),
    url           TEXT    NOT NULL,
    description   TEXT,
    -- JSON array of the kinds of events that it is told; an empty one is all.
    events        TEXT    NOT NULL,
    -- 1 when names, notes and outcomes are told as well.
    personal      INTEGER NOT NULL,
    active        INTEGER NOT NULL,
    -- Signs what is sent. Needed as it is, so it is kept as it is.
    secret        TEXT    NOT NULL,
    -- The one before, which signs as well until `old_until`.
    old_secret    TEXT,
    old_until     INTEGER,
    created_at    INTEGER NOT NULL,
    -- Counts how often it was switched on. What is reported of an earlier round is not recorded.
    round         INTEGER NOT NULL,
    -- Why it was switched off, when its receiver wanted so: `gone`.
    off           TEXT,
    -- Since when nothing has come through; NULL when the last delivery did.
    failing_since INTEGER,
    -- When something came through last.
    delivered_at  INTEGER
) STRICT, WITHOUT ROWID;

CREATE INDEX hook_branch ON hook (branch);

-- How far each was told: every entry of the branch's log up to `rev` is delivered, given up, or outstanding in `hook_held`.
CREATE TABLE hook_cursor (
    hook BLOB    NOT NULL PRIMARY KEY REFERENCES hook (id) ON DELETE CASCADE,
    rev  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- A ticket with something outstanding: the first of its entries that did not come through. The later ones up to the cursor follow it.
CREATE TABLE hook_held (
    hook     BLOB    NOT NULL REFERENCES hook (id) ON DELETE CASCADE,
    ticket   BLOB    NOT NULL,
    rev      INTEGER NOT NULL,
    -- Attempts that failed, and when the next one is due.
    attempts INTEGER NOT NULL,
    due      INTEGER NOT NULL,
    PRIMARY KEY (hook, ticket)
) STRICT, WITHOUT ROWID;

-- The latest deliveries of each, in the order of their first attempts; older ones are deleted.
CREATE TABLE delivery (
    hook     BLOB    NOT NULL REFERENCES hook (id) ON DELETE CASCADE,
    seq      INTEGER NOT NULL,
    -- The event's id, as its receiver gets it.
    event    TEXT    NOT NULL,
    kind     TEXT    NOT NULL,
    code     TEXT,
    -- When the last attempt ended.
    at       INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    -- `delivered`, `pending` or `failed`.
    state    TEXT    NOT NULL,
    -- The status that was answered, or what went wrong.
    status   INTEGER,
    error    TEXT,
    -- Milliseconds of the last attempt.
    took     INTEGER NOT NULL,
    -- When the next attempt is due, while it is pending.
    next     INTEGER,
    PRIMARY KEY (hook, seq)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX delivery_event ON delivery (hook, event);
