-- supports from: 1
-- A catalogue of one's own: products say how often they were changed and when they were added, the receipts of stock
-- become a ledger of all its movements, and pictures are kept beside the products.

ALTER TABLE products ADD COLUMN revision integer NOT NULL DEFAULT 1 CHECK (revision > 0);
ALTER TABLE products ADD COLUMN created_at_ms bigint NOT NULL DEFAULT 0;

ALTER TABLE stock_receipts RENAME TO stock_movements;
ALTER TABLE stock_movements RENAME COLUMN receipt_id TO movement_id;
ALTER TABLE stock_movements RENAME COLUMN received_at_ms TO at_ms;
ALTER TABLE stock_movements DROP CONSTRAINT stock_receipts_units_check;
ALTER TABLE stock_movements ADD CONSTRAINT stock_movements_units_check CHECK (units <> 0);
-- The defaults are for the programs of before, which know receipts alone.
ALTER TABLE stock_movements ADD COLUMN reason text COLLATE "C" NOT NULL DEFAULT 'receipt'
  CHECK (reason IN ('receipt', 'count', 'damage', 'theft', 'found'));
ALTER TABLE stock_movements ADD COLUMN note text;
ALTER TABLE stock_movements ADD COLUMN reference text COLLATE "C";
ALTER TABLE stock_movements ADD COLUMN actor text NOT NULL DEFAULT 'service';

CREATE INDEX stock_movements_by_sku ON stock_movements (sku, movement_id);
CREATE UNIQUE INDEX stock_movements_by_reference ON stock_movements (sku, reference) WHERE reference IS NOT NULL;

CREATE FUNCTION stock_ledger_is_append_only() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'the stock ledger is append-only'; END $$;

CREATE TRIGGER stock_ledger_is_append_only BEFORE UPDATE OR DELETE ON stock_movements
  FOR EACH STATEMENT EXECUTE FUNCTION stock_ledger_is_append_only();

-- By its old name for programs of before: they add receipts to it, and verify reads it.
CREATE VIEW stock_receipts AS
  SELECT movement_id AS receipt_id, sku, units, at_ms AS received_at_ms FROM stock_movements;

-- When its first units came in is the earliest that is known of a product. One by one: where products
-- are on every machine of a shop and the ledger is on one (docs/decisions/0018), no join of the two changes products.
DO $$
DECLARE
  earliest record;
BEGIN
  FOR earliest IN SELECT sku, min(at_ms) AS at_ms FROM stock_movements GROUP BY sku LOOP
    UPDATE products SET created_at_ms = earliest.at_ms WHERE sku = earliest.sku;
  END LOOP;
END $$;

CREATE TABLE product_images (
  hash       text    COLLATE "C" NOT NULL PRIMARY KEY,
  media_type text    NOT NULL,
  width      integer NOT NULL CHECK (width > 0),
  height     integer NOT NULL CHECK (height > 0),
  bytes      bytea   NOT NULL
);

-- The formats are compressed already.
ALTER TABLE product_images ALTER COLUMN bytes SET STORAGE EXTERNAL;
