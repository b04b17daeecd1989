-- supports from: 1
-- The life of an order after it was placed. A program that does not know it goes on placing orders; it shows every
-- order as it stands in `orders`, and its own `verify` does not know of stock that was put back.

-- One more with each step; 1 is the order as it was placed.
ALTER TABLE orders ADD COLUMN revision integer NOT NULL DEFAULT 1;

-- Of the order, as the entry tells it.
ALTER TABLE order_log ADD COLUMN revision integer NOT NULL DEFAULT 1;

-- Of the order that the key leads to: a step has a key of its own.
ALTER TABLE idempotency_keys ADD COLUMN revision integer NOT NULL DEFAULT 1;

-- The steps, each with who and when. Distributed by order_id, beside orders.
CREATE TABLE order_events (
  order_id uuid    NOT NULL,
  revision integer NOT NULL CHECK (revision >= 2),
  -- UUIDv7; a step that is handed in twice has the same.
  event_id uuid    NOT NULL,
  type     text    COLLATE "C" NOT NULL,
  at_ms    bigint  NOT NULL,
  actor    text    NOT NULL,
  -- Only an erasure changes it.
  data     jsonb   NOT NULL,
  PRIMARY KEY (order_id, revision)
);

-- How often a ranked counter of a state has fallen so far that one which is not ranked may be better, and how many of
-- these falls were made good by looking at all counters (docs/decisions/0012). Both only grow.
CREATE TABLE ranking_debt (
  state text   COLLATE "C" NOT NULL PRIMARY KEY,
  falls bigint NOT NULL,
  paid  bigint NOT NULL DEFAULT 0 CHECK (paid BETWEEN 0 AND falls)
) WITH (fillfactor = 50);
