-- Keys of callers: what each may do, and until when. Of a key itself only the SHA-256 is here.

CREATE TABLE api_keys (
  key_id          TEXT    NOT NULL PRIMARY KEY,
  name            TEXT    NOT NULL,
  prefix          TEXT    NOT NULL,
  secret_hash     TEXT    NOT NULL UNIQUE,
  -- Sorted, with a space between.
  scopes          TEXT    NOT NULL,
  created_at_ms   INTEGER NOT NULL,
  expires_at_ms   INTEGER,
  revoked_at_ms   INTEGER,
  last_used_at_ms INTEGER
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX api_keys_by_name ON api_keys (name) WHERE revoked_at_ms IS NULL;
