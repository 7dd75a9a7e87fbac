-- Sessions that a client may find again after a lost connection or a restart: by their private id, what they were. Short-lived.
CREATE TABLE session (
    branch INTEGER NOT NULL,
    pid    TEXT    NOT NULL,
    -- Written and read by the service alone.
    state  TEXT    NOT NULL,
    PRIMARY KEY (branch, pid)
) STRICT, WITHOUT ROWID;
