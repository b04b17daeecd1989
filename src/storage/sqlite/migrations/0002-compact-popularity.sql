-- Popularity by numbers instead of SKU and name: a batch of orders touches nearly all of its pages, so how
-- many there are decides what a commit writes.

ALTER TABLE products ADD COLUMN product_no INTEGER NOT NULL DEFAULT 0;

-- Where the product stands among all by name, then SKU: smaller numbers come first. There are gaps, so that
-- a new or renamed product gets a rank by name; see name-ranks.ts.
ALTER TABLE products ADD COLUMN name_place INTEGER NOT NULL DEFAULT 0;

UPDATE products SET product_no = numbered.number, name_place = 1024 * numbered.number
FROM (SELECT sku, row_number() OVER (ORDER BY name, sku) AS number FROM products) AS numbered
WHERE products.sku = numbered.sku;

CREATE UNIQUE INDEX products_by_number ON products (product_no);

DROP INDEX popularity_ranking;
ALTER TABLE popularity RENAME TO popularity_by_sku;

-- How often a product was ordered in a state. Holds the product's rank by name because it settles ties.
CREATE TABLE popularity (
  state      TEXT    NOT NULL,
  product_no INTEGER NOT NULL REFERENCES products (product_no),
  name_place INTEGER NOT NULL,
  orders     INTEGER NOT NULL CHECK (orders >= 0),
  units      INTEGER NOT NULL CHECK (units >= 0),
  PRIMARY KEY (state, product_no)
) STRICT, WITHOUT ROWID;

INSERT INTO popularity (state, product_no, name_place, orders, units)
SELECT state, product_no, name_place, orders, units FROM popularity_by_sku JOIN products USING (sku);

DROP TABLE popularity_by_sku;

-- The ranking itself: the first three entries of a state are the answer.
CREATE INDEX popularity_ranking ON popularity (state, orders DESC, units DESC, name_place);
