-- Who works in the office, the notes that wait for them, the line on the display's ticker: kept as they are, beside the log.

CREATE TABLE user (
    id         BLOB    NOT NULL PRIMARY KEY,
    name       TEXT    NOT NULL,
    -- `admin`, `supervisor` or `agent`.
    role       TEXT    NOT NULL,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Unread notes: a note that was read is deleted.
CREATE TABLE note (
    id      BLOB    NOT NULL PRIMARY KEY,
    user    BLOB    NOT NULL REFERENCES user (id) ON DELETE CASCADE,
    -- In the sender's own words.
    sender  TEXT    NOT NULL,
    subject TEXT,
    text    TEXT    NOT NULL,
    sent_at INTEGER NOT NULL
) STRICT;

CREATE INDEX note_user ON note (user);

-- At most one line a branch.
CREATE TABLE ticker (
    branch INTEGER PRIMARY KEY,
    text   TEXT    NOT NULL,
    at     INTEGER NOT NULL
) STRICT;
