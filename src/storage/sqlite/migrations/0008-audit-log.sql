-- Changes that needed a right, each chained by hash to the one before (src/storage/audit-log.ts).

CREATE TABLE audit_log (
  position       INTEGER NOT NULL PRIMARY KEY,
  entry          TEXT    NOT NULL CHECK (json_valid(entry)),
  address_digest TEXT    NOT NULL,
  -- Both are erased together, when a person is.
  address        TEXT,
  address_salt   TEXT,
  hash           TEXT    NOT NULL
) STRICT;

CREATE TABLE audit_head (
  head_id  INTEGER NOT NULL PRIMARY KEY CHECK (head_id = 1),
  position INTEGER NOT NULL,
  hash     TEXT    NOT NULL
) STRICT;

INSERT INTO audit_head (head_id, position, hash)
VALUES (1, 0, '0000000000000000000000000000000000000000000000000000000000000000');

CREATE TRIGGER audit_log_is_never_changed BEFORE UPDATE ON audit_log
WHEN NEW.position <> OLD.position OR NEW.entry <> OLD.entry OR NEW.address_digest <> OLD.address_digest
  OR NEW.hash <> OLD.hash OR NEW.address IS NOT NULL OR NEW.address_salt IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;

CREATE TRIGGER audit_log_is_never_deleted BEFORE DELETE ON audit_log
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;

CREATE TRIGGER audit_head_goes_forward BEFORE UPDATE ON audit_head WHEN NEW.position <= OLD.position
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;

CREATE TRIGGER audit_head_is_never_deleted BEFORE DELETE ON audit_head
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
