-- supports from: 1
-- Names are kept composed (Unicode NFC), so that they are found however a client encodes its accents. A ranking holds
-- the products that can be ordered. Only states with a product that was renamed here or is retired are counted anew.

UPDATE products SET name = normalize(name, NFC) WHERE name IS NOT NFC NORMALIZED;

WITH changed AS (
  UPDATE popularity SET name = products.name,
    ranked_at_ms = CASE WHEN products.active THEN popularity.ranked_at_ms END
  FROM products
  WHERE popularity.sku = products.sku
    AND (popularity.name <> products.name OR (popularity.ranked_at_ms IS NOT NULL AND NOT products.active))
  RETURNING popularity.state, popularity.sku, popularity.name)
UPDATE popularity SET ranked_at_ms = 0
FROM (
  SELECT counter.state, counter.sku, row_number() OVER (PARTITION BY counter.state
    ORDER BY counter.orders DESC, counter.units DESC, coalesce(changed.name, counter.name), counter.sku) AS rank
  FROM popularity AS counter LEFT JOIN changed ON changed.state = counter.state AND changed.sku = counter.sku
  WHERE counter.state IN (SELECT state FROM changed)
    AND counter.sku NOT IN (SELECT sku FROM products WHERE NOT active)) AS counted
WHERE counted.rank <= 24 AND popularity.ranked_at_ms IS NULL
  AND popularity.state = counted.state AND popularity.sku = counted.sku;
