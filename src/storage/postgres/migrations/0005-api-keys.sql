-- supports from: 1
-- Keys of callers: what each may do, and until when. Of a key itself only the SHA-256 is here.

CREATE TABLE api_keys (
  key_id          uuid   NOT NULL PRIMARY KEY,
  name            text   COLLATE "C" NOT NULL,
  prefix          text   NOT NULL,
  secret_hash     text   COLLATE "C" NOT NULL UNIQUE,
  -- Sorted, with a space between.
  scopes          text   NOT NULL,
  created_at_ms   bigint NOT NULL,
  expires_at_ms   bigint,
  revoked_at_ms   bigint,
  last_used_at_ms bigint
);

CREATE UNIQUE INDEX api_keys_by_name ON api_keys (name) WHERE revoked_at_ms IS NULL;
