-- supports from: 1
-- Names are kept composed (Unicode NFC), so that they are found however a client encodes its accents. A ranking holds
-- the products that can be ordered. Only states with a product that was renamed here or is retired are counted anew.

UPDATE products SET name = normalize(name, NFC) WHERE name IS NOT NFC NORMALIZED;

-- Two statements: one that both renames a counter and ranks it would change the same row twice, and PostgreSQL does
-- only one of them.

UPDATE popularity SET ranked_at_ms = 0
FROM (
  SELECT counter.state, counter.sku, row_number() OVER (PARTITION BY counter.state
    ORDER BY counter.orders DESC, counter.units DESC, products.name, counter.sku) AS rank
  FROM popularity AS counter JOIN products ON products.sku = counter.sku
  WHERE products.active AND counter.state IN (
    SELECT other.state FROM popularity AS other JOIN products ON products.sku = other.sku
    WHERE other.name <> products.name OR (other.ranked_at_ms IS NOT NULL AND NOT products.active))) AS counted
WHERE counted.rank <= 24 AND popularity.ranked_at_ms IS NULL
  AND popularity.state = counted.state AND popularity.sku = counted.sku;

UPDATE popularity SET name = products.name,
  ranked_at_ms = CASE WHEN products.active THEN popularity.ranked_at_ms END
FROM products
WHERE popularity.sku = products.sku
  AND (popularity.name <> products.name OR (popularity.ranked_at_ms IS NOT NULL AND NOT products.active));
