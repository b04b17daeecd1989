-- A catalogue of one's own: products say how often they were changed and when they were added, the receipts of stock
-- become a ledger of all its movements, and pictures are kept beside the products.

ALTER TABLE products ADD COLUMN revision INTEGER NOT NULL DEFAULT 1 CHECK (revision > 0);
ALTER TABLE products ADD COLUMN created_at_ms INTEGER NOT NULL DEFAULT 0;

-- When its first units came in is the earliest that is known of a product.
UPDATE products SET created_at_ms = coalesce(
  (SELECT min(received_at_ms) FROM stock_receipts WHERE stock_receipts.sku = products.sku), 0);

CREATE TABLE stock_movements (
  movement_id INTEGER NOT NULL PRIMARY KEY,
  sku         TEXT    NOT NULL REFERENCES products (sku),
  units       INTEGER NOT NULL CHECK (units <> 0),
  reason      TEXT    NOT NULL CHECK (reason IN ('receipt', 'count', 'damage', 'theft', 'found')),
  note        TEXT,
  reference   TEXT,
  actor       TEXT    NOT NULL,
  at_ms       INTEGER NOT NULL
) STRICT;

INSERT INTO stock_movements (movement_id, sku, units, reason, actor, at_ms)
SELECT receipt_id, sku, units, 'receipt', 'service', received_at_ms FROM stock_receipts ORDER BY receipt_id;

DROP TABLE stock_receipts;

CREATE INDEX stock_movements_by_sku ON stock_movements (sku, movement_id);
CREATE UNIQUE INDEX stock_movements_by_reference ON stock_movements (sku, reference) WHERE reference IS NOT NULL;

CREATE TRIGGER stock_movements_are_never_changed BEFORE UPDATE ON stock_movements
BEGIN SELECT RAISE(ABORT, 'the stock ledger is append-only'); END;

CREATE TRIGGER stock_movements_are_never_deleted BEFORE DELETE ON stock_movements
BEGIN SELECT RAISE(ABORT, 'the stock ledger is append-only'); END;

CREATE TABLE product_images (
  hash       TEXT    NOT NULL PRIMARY KEY,
  media_type TEXT    NOT NULL,
  width      INTEGER NOT NULL CHECK (width > 0),
  height     INTEGER NOT NULL CHECK (height > 0),
  bytes      BLOB    NOT NULL
) STRICT;
