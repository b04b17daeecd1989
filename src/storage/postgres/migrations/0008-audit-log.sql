-- supports from: 1
-- Changes that needed a right, each chained by hash to the one before (src/storage/audit-log.ts).

CREATE TABLE audit_log (
  position       bigint NOT NULL PRIMARY KEY,
  -- json, not jsonb: these very characters are hashed.
  entry          json   NOT NULL,
  address_digest text   NOT NULL,
  -- Both are erased together, when a person is.
  address        text,
  address_salt   text,
  hash           text   NOT NULL
);

CREATE TABLE audit_head (
  only_row boolean NOT NULL PRIMARY KEY DEFAULT true CHECK (only_row),
  position bigint  NOT NULL,
  hash     text    NOT NULL
) WITH (fillfactor = 10);

INSERT INTO audit_head (position, hash) VALUES (0, repeat('0', 64));

CREATE FUNCTION audit_log_is_append_only() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'the audit log is append-only'; END $$;

CREATE TRIGGER audit_log_is_append_only BEFORE DELETE OR TRUNCATE ON audit_log
  FOR EACH STATEMENT EXECUTE FUNCTION audit_log_is_append_only();

CREATE TRIGGER audit_log_is_never_changed BEFORE UPDATE ON audit_log FOR EACH ROW
  WHEN (NEW.position <> OLD.position OR NEW.entry::text <> OLD.entry::text
    OR NEW.address_digest <> OLD.address_digest OR NEW.hash <> OLD.hash
    OR NEW.address IS NOT NULL OR NEW.address_salt IS NOT NULL)
  EXECUTE FUNCTION audit_log_is_append_only();

CREATE TRIGGER audit_head_goes_forward BEFORE UPDATE ON audit_head FOR EACH ROW
  WHEN (NEW.position <= OLD.position) EXECUTE FUNCTION audit_log_is_append_only();

CREATE TRIGGER audit_head_is_never_deleted BEFORE DELETE OR TRUNCATE ON audit_head
  FOR EACH STATEMENT EXECUTE FUNCTION audit_log_is_append_only();
