-- Orders, what they sold, and what they changed.
-- Money is integer US cents; times are milliseconds since the Unix epoch, UTC.

CREATE TABLE products (
  sku         TEXT    NOT NULL PRIMARY KEY,
  name        TEXT    NOT NULL,
  description TEXT    NOT NULL,
  category    TEXT    NOT NULL,
  price_cents INTEGER NOT NULL CHECK (price_cents BETWEEN 0 AND 9007199254740991),
  image_url   TEXT    NOT NULL,
  active      INTEGER NOT NULL CHECK (active IN (0, 1))
) STRICT, WITHOUT ROWID;

CREATE INDEX products_by_name ON products (name);

-- Apart from products: this row changes with every batch, the description hardly ever.
CREATE TABLE stock (
  sku     TEXT    NOT NULL PRIMARY KEY REFERENCES products (sku),
  on_hand INTEGER NOT NULL CHECK (on_hand BETWEEN 0 AND 1000000000000)
) STRICT, WITHOUT ROWID;

CREATE TABLE stock_receipts (
  receipt_id     INTEGER NOT NULL PRIMARY KEY,
  sku            TEXT    NOT NULL REFERENCES products (sku),
  units          INTEGER NOT NULL CHECK (units > 0),
  received_at_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE orders (
  number         INTEGER NOT NULL PRIMARY KEY,
  order_id       TEXT    NOT NULL UNIQUE,
  status         TEXT    NOT NULL,
  placed_at_ms   INTEGER NOT NULL,
  customer_name  TEXT    NOT NULL,
  street_address TEXT    NOT NULL,
  city           TEXT,
  state          TEXT    NOT NULL,
  zip_code       TEXT    NOT NULL,
  email          TEXT,
  total_cents    INTEGER NOT NULL CHECK (total_cents >= 0)
) STRICT;

CREATE TABLE order_lines (
  order_number     INTEGER NOT NULL REFERENCES orders (number),
  line_index       INTEGER NOT NULL,
  sku              TEXT    NOT NULL REFERENCES products (sku),
  -- Name and price as they were when the order was placed.
  name             TEXT    NOT NULL,
  quantity         INTEGER NOT NULL CHECK (quantity > 0),
  unit_price_cents INTEGER NOT NULL CHECK (unit_price_cents >= 0),
  line_total_cents INTEGER NOT NULL CHECK (line_total_cents = quantity * unit_price_cents),
  PRIMARY KEY (order_number, line_index)
) STRICT, WITHOUT ROWID;

-- Which order a caller's Idempotency-Key has made. Kept as long as the order.
CREATE TABLE idempotency_keys (
  scope           TEXT    NOT NULL,
  idempotency_key TEXT    NOT NULL,
  fingerprint     TEXT    NOT NULL,
  order_number    INTEGER NOT NULL REFERENCES orders (number),
  PRIMARY KEY (scope, idempotency_key)
) STRICT, WITHOUT ROWID;

-- What happened, in commit order. Readers keep the position they have reached.
CREATE TABLE order_log (
  position     INTEGER NOT NULL PRIMARY KEY,
  order_number INTEGER NOT NULL REFERENCES orders (number),
  type         TEXT    NOT NULL,
  at_ms        INTEGER NOT NULL
) STRICT;

CREATE TRIGGER order_log_is_never_changed BEFORE UPDATE ON order_log
BEGIN SELECT RAISE(ABORT, 'the order log is append-only'); END;

CREATE TRIGGER order_log_is_never_deleted BEFORE DELETE ON order_log
BEGIN SELECT RAISE(ABORT, 'the order log is append-only'); END;

-- How often a product was ordered in a state. Holds the name because it settles ties in the ranking.
CREATE TABLE popularity (
  state  TEXT    NOT NULL,
  sku    TEXT    NOT NULL REFERENCES products (sku),
  name   TEXT    NOT NULL,
  orders INTEGER NOT NULL CHECK (orders >= 0),
  units  INTEGER NOT NULL CHECK (units >= 0),
  PRIMARY KEY (state, sku)
) STRICT, WITHOUT ROWID;

-- The ranking itself: the first three entries of a state are the answer.
CREATE INDEX popularity_ranking ON popularity (state, orders DESC, units DESC, name, sku);

-- One row that is written to learn whether writing works.
CREATE TABLE write_probe (
  probe_id INTEGER NOT NULL PRIMARY KEY CHECK (probe_id = 1),
  writes   INTEGER NOT NULL
) STRICT;

INSERT INTO write_probe (probe_id, writes) VALUES (1, 0);
