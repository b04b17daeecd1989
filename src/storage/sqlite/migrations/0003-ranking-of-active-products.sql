-- A ranking holds the products that can be ordered. Whether a product can is kept with its counters, so that the
-- first entries of a state's index are still the answer. It changes when the catalogue does, never with an order.

ALTER TABLE popularity ADD COLUMN is_active INTEGER NOT NULL DEFAULT 1 CHECK (is_active IN (0, 1));

UPDATE popularity SET is_active = 0
WHERE product_no IN (SELECT product_no FROM products WHERE active = 0);

DROP INDEX popularity_ranking;
CREATE INDEX popularity_ranking ON popularity (state, orders DESC, units DESC, name_place) WHERE is_active = 1;

-- Names are kept composed (Unicode NFC), so that they are found however a client encodes its accents. The program
-- that migrates provides `nfc`.

UPDATE products SET name = nfc(name) WHERE name <> nfc(name);

UPDATE products SET name_place = 1024 * numbered.name_rank
FROM (SELECT sku, row_number() OVER (ORDER BY name, sku) AS name_rank FROM products) AS numbered
WHERE products.sku = numbered.sku;

UPDATE popularity SET name_place = products.name_place
FROM products
WHERE products.product_no = popularity.product_no AND products.name_place <> popularity.name_place;
