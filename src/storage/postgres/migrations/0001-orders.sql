-- Orders, what they sold, and what they changed.
-- Money is integer US cents; times are milliseconds since the Unix epoch, UTC.
--
-- Made so that it can be distributed later: orders, lines and keys each carry their distribution
-- column in every unique constraint but orders.number, and nothing on the way of an order is a foreign key.
-- A foreign key would also lock the row it points to, and a hot product's row is locked enough.
-- `nozama verify` checks what foreign keys would.

CREATE TABLE products (
  sku         text    COLLATE "C" NOT NULL PRIMARY KEY,
  name        text    COLLATE "C" NOT NULL,
  description text    NOT NULL,
  category    text    NOT NULL,
  price_cents bigint  NOT NULL CHECK (price_cents BETWEEN 0 AND 9007199254740991),
  image_url   text    NOT NULL,
  active      boolean NOT NULL
);

CREATE INDEX products_by_name ON products (name, sku);

-- Apart from products: this row changes with every batch, the description hardly ever. Half of each page is
-- kept free and on_hand is in no index, so that a new version lands beside the old one (HOT) and the old one
-- is cleared away by the next visitor of the page, without waiting for autovacuum.
CREATE TABLE stock (
  sku     text   COLLATE "C" NOT NULL PRIMARY KEY REFERENCES products (sku),
  on_hand bigint NOT NULL CHECK (on_hand BETWEEN 0 AND 1000000000000)
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);

CREATE TABLE stock_receipts (
  receipt_id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  sku            text   COLLATE "C" NOT NULL REFERENCES products (sku),
  units          bigint NOT NULL CHECK (units > 0),
  received_at_ms bigint NOT NULL
);

-- Distributed by order_id, with order_lines beside it.
CREATE TABLE orders (
  order_id       uuid   NOT NULL PRIMARY KEY,
  number         bigint NOT NULL CONSTRAINT orders_number_is_unique UNIQUE,
  status         text   NOT NULL,
  placed_at_ms   bigint NOT NULL,
  customer_name  text   NOT NULL,
  street_address text   NOT NULL,
  city           text,
  state          text   COLLATE "C" NOT NULL,
  zip_code       text   NOT NULL,
  email          text,
  total_cents    bigint NOT NULL CHECK (total_cents >= 0)
);

CREATE TABLE order_lines (
  order_id         uuid     NOT NULL,
  line_index       smallint NOT NULL,
  sku              text     COLLATE "C" NOT NULL,
  -- Name and price as they were when the order was placed.
  name             text     COLLATE "C" NOT NULL,
  quantity         integer  NOT NULL CHECK (quantity > 0),
  unit_price_cents bigint   NOT NULL CHECK (unit_price_cents >= 0),
  line_total_cents bigint   NOT NULL CHECK (line_total_cents = quantity * unit_price_cents),
  PRIMARY KEY (order_id, line_index)
);

-- Which order a caller's Idempotency-Key has made. Kept as long as the order. Distributed by the key.
CREATE TABLE idempotency_keys (
  scope           text COLLATE "C" NOT NULL,
  idempotency_key text COLLATE "C" NOT NULL,
  fingerprint     text COLLATE "C" NOT NULL,
  order_id        uuid NOT NULL,
  PRIMARY KEY (scope, idempotency_key)
);

-- What happened, in commit order. Readers keep the position they have reached. Positions are given under a
-- lock that is held until the commit (docs/decisions/0011), hence no sequence.
CREATE TABLE order_log (
  position     bigint NOT NULL PRIMARY KEY,
  order_id     uuid   NOT NULL,
  order_number bigint NOT NULL,
  type         text   NOT NULL,
  at_ms        bigint NOT NULL
);

CREATE FUNCTION order_log_is_append_only() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'the order log is append-only'; END $$;

CREATE TRIGGER order_log_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON order_log
  FOR EACH STATEMENT EXECUTE FUNCTION order_log_is_append_only();

-- How often a product was ordered in a state. Holds the name because it settles ties in the ranking. The
-- counters are in no index, for the reason given at stock; a ranking is read from the few counters that
-- are in it (docs/decisions/0012).
CREATE TABLE popularity (
  state        text   COLLATE "C" NOT NULL,
  sku          text   COLLATE "C" NOT NULL,
  name         text   COLLATE "C" NOT NULL,
  orders       bigint NOT NULL CHECK (orders >= 0),
  units        bigint NOT NULL CHECK (units >= 0),
  -- When it came among the first of its state; null while it is not among them.
  ranked_at_ms bigint,
  -- Not the state first: then a ranking could be planned as a walk over all counters of its state.
  PRIMARY KEY (sku, state)
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);

-- Holds the first 20 of each state and a few that were among them a moment ago.
CREATE INDEX popularity_ranked ON popularity (state) WHERE ranked_at_ms IS NOT NULL;

-- The next number nobody has taken. Each instance takes a range at a time.
CREATE TABLE order_numbers (
  only_row    boolean NOT NULL PRIMARY KEY DEFAULT true CHECK (only_row),
  next_number bigint  NOT NULL
) WITH (fillfactor = 10);

INSERT INTO order_numbers (next_number) VALUES (1001);

-- One row that is written to learn whether writing works.
CREATE TABLE write_probe (
  only_row boolean NOT NULL PRIMARY KEY DEFAULT true CHECK (only_row),
  writes   bigint  NOT NULL
) WITH (fillfactor = 10);

INSERT INTO write_probe (writes) VALUES (0);

-- What all instances sign the links to confirmation pages with, unless their configuration says.
CREATE TABLE order_key_secret (
  only_row boolean NOT NULL PRIMARY KEY DEFAULT true CHECK (only_row),
  secret   text    NOT NULL
);
