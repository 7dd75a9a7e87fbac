-- Who may sign in and where they may do what; sign-ins and paired screens; the audit log. Of tokens and passwords only hashes are kept.

-- The name to sign in with, in its normal form; NULL for who does not.
ALTER TABLE user ADD COLUMN login TEXT;
-- What is kept of the password: how it was made, salt and hash, as a PHC string. NULL: none was set.
ALTER TABLE user ADD COLUMN password TEXT;
-- NULL: has `role` in every branch. Else a JSON object, branch to role, and `role` is the highest of them.
ALTER TABLE user ADD COLUMN branches TEXT;
-- 1: is known and may not sign in.
ALTER TABLE user ADD COLUMN disabled INTEGER NOT NULL DEFAULT 0;

CREATE UNIQUE INDEX user_login ON user (login) WHERE login IS NOT NULL;

-- Sign-ins that may still be used.
CREATE TABLE login (
    id         BLOB    NOT NULL PRIMARY KEY,
    user       BLOB    NOT NULL REFERENCES user (id) ON DELETE CASCADE,
    -- SHA-256 of its token.
    secret     BLOB    NOT NULL,
    created_at INTEGER NOT NULL,
    -- Written once an hour at the most.
    used_at    INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    address    TEXT    NOT NULL,
    -- What the browser or program called itself.
    agent      TEXT    NOT NULL
) STRICT;

CREATE INDEX login_user ON login (user);

-- Paired screens.
CREATE TABLE device (
    id         BLOB    NOT NULL PRIMARY KEY,
    name       TEXT    NOT NULL,
    -- `kiosk` or `display`.
    kind       TEXT    NOT NULL,
    branch     INTEGER NOT NULL,
    -- SHA-256 of its token: no two screens are one.
    secret     BLOB    NOT NULL UNIQUE,
    created_at INTEGER NOT NULL,
    -- Written once an hour at the most; NULL: never seen.
    seen_at    INTEGER
) STRICT;

-- Who did what. Refers to nothing: it stays when all that it tells of is gone.
CREATE TABLE audit (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    at      INTEGER NOT NULL,
    -- NULL for what is of no branch.
    branch  INTEGER,
    -- `nobody`, `user`, `device` or `program`; id and name where there are any, as they were then.
    who     TEXT    NOT NULL,
    who_id  BLOB,
    name    TEXT,
    address TEXT,
    action  TEXT    NOT NULL,
    subject TEXT    NOT NULL,
    -- A JSON object.
    detail  TEXT    NOT NULL CHECK (json_type(detail) = 'object')
) STRICT;

-- A page of one branch is read from its newest line on; so are the lines of a time.
CREATE INDEX audit_branch ON audit (branch, id);
CREATE INDEX audit_time ON audit (branch, at);

CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit BEGIN
    SELECT RAISE(ABORT, 'the audit log is only added to');
END;

CREATE TRIGGER audit_is_not_deleted BEFORE DELETE ON audit BEGIN
    SELECT RAISE(ABORT, 'the audit log is only added to');
END;

-- Nor is a line replaced by another one with its id.
CREATE TRIGGER audit_is_not_replaced BEFORE INSERT ON audit WHEN EXISTS (SELECT 1 FROM audit WHERE id = NEW.id) BEGIN
    SELECT RAISE(ABORT, 'the audit log is only added to');
END;
