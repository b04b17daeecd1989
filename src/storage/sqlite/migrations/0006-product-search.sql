-- Products are found by the beginnings of their words, and listed by name or by price. The program that migrates
-- provides `sort_name` and `product_words`.

ALTER TABLE products ADD COLUMN sort_name TEXT NOT NULL DEFAULT '';

UPDATE products SET sort_name = sort_name(name);

CREATE INDEX products_sorted_by_name ON products (sort_name, sku) WHERE active = 1;
CREATE INDEX products_sorted_by_price ON products (price_cents, sku) WHERE active = 1;
CREATE INDEX products_of_category_by_name ON products (category, sort_name, sku) WHERE active = 1;
CREATE INDEX products_of_category_by_price ON products (category, price_cents, sku) WHERE active = 1;

-- The words of active products, folded.
CREATE TABLE product_words (
  sku  TEXT NOT NULL REFERENCES products (sku),
  word TEXT NOT NULL,
  PRIMARY KEY (sku, word)
) STRICT, WITHOUT ROWID;

CREATE INDEX product_words_by_word ON product_words (word, sku);

INSERT INTO product_words (sku, word)
SELECT sku, value FROM products, json_each(product_words(name, category, sku)) WHERE active = 1;
