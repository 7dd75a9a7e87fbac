-- Visitors who need more time: how often, since when and until when while they are away, and how many milliseconds of the present segment lay
-- before its end, its first call and its last call.
ALTER TABLE ticket ADD COLUMN deferrals INTEGER NOT NULL DEFAULT 0;
ALTER TABLE ticket ADD COLUMN deferred_at INTEGER;
ALTER TABLE ticket ADD COLUMN deferred_until INTEGER;
ALTER TABLE ticket ADD COLUMN deferred INTEGER NOT NULL DEFAULT 0;
ALTER TABLE ticket ADD COLUMN deferred_first INTEGER NOT NULL DEFAULT 0;
ALTER TABLE ticket ADD COLUMN deferred_last INTEGER NOT NULL DEFAULT 0;

-- Milliseconds put off: before the last call, or in all where there was none; and of these, before the first call. They are no wait.
ALTER TABLE segment ADD COLUMN deferred INTEGER NOT NULL DEFAULT 0;
ALTER TABLE segment ADD COLUMN deferred_first INTEGER NOT NULL DEFAULT 0;
