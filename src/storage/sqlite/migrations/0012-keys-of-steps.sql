-- A program from before version 10 places orders beside a newer one: it writes four columns into idempotency_keys and
-- names none, so the table has these four again.

-- To which revision of its order a step's key leads. A key that is not here is that of a placing, revision 1.
CREATE TABLE keys_of_steps (
  scope           TEXT    NOT NULL,
  idempotency_key TEXT    NOT NULL,
  revision        INTEGER NOT NULL CHECK (revision >= 2),
  PRIMARY KEY (scope, idempotency_key)
) STRICT, WITHOUT ROWID;

INSERT INTO keys_of_steps SELECT scope, idempotency_key, revision FROM idempotency_keys WHERE revision > 1;

ALTER TABLE idempotency_keys DROP COLUMN revision;
