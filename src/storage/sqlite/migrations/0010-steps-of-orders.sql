-- The life of an order after it was placed.

-- One more with each step; 1 is the order as it was placed.
ALTER TABLE orders ADD COLUMN revision INTEGER NOT NULL DEFAULT 1;

-- Of the order, as the entry tells it.
ALTER TABLE order_log ADD COLUMN revision INTEGER NOT NULL DEFAULT 1;

-- Of the order that the key leads to: a step has a key of its own.
ALTER TABLE idempotency_keys ADD COLUMN revision INTEGER NOT NULL DEFAULT 1;

-- The steps, each with who and when. With row ids, so that rows stay where they were written: an erasure then leaves
-- no copy of a free text behind.
CREATE TABLE order_events (
  order_number INTEGER NOT NULL REFERENCES orders (number),
  revision     INTEGER NOT NULL CHECK (revision >= 2),
  -- UUIDv7; a step that is handed in twice has the same.
  event_id     TEXT    NOT NULL,
  type         TEXT    NOT NULL,
  at_ms        INTEGER NOT NULL,
  actor        TEXT    NOT NULL,
  -- JSON. Only an erasure changes it.
  data         TEXT    NOT NULL,
  UNIQUE (order_number, revision)
) STRICT;

CREATE TRIGGER order_events_are_never_changed
BEFORE UPDATE OF order_number, revision, event_id, type, at_ms, actor ON order_events
BEGIN SELECT RAISE(ABORT, 'the events of an order are append-only'); END;

CREATE TRIGGER order_events_are_never_deleted BEFORE DELETE ON order_events
BEGIN SELECT RAISE(ABORT, 'the events of an order are append-only'); END;
