-- supports from: 1
-- Products are found by the beginnings of their words, and listed by name or by price. The words and `sort_name` are
-- the program's to make: it does so for each product whose `sort_name` is null (product-words.ts), because an older
-- program that runs beside it leaves both out.

ALTER TABLE products ADD COLUMN sort_name text COLLATE "C";

CREATE INDEX products_without_words ON products (sku) WHERE sort_name IS NULL;
CREATE INDEX products_sorted_by_name ON products (sort_name, sku) WHERE active;
CREATE INDEX products_sorted_by_price ON products (price_cents, sku) WHERE active;
CREATE INDEX products_of_category_by_name ON products (category COLLATE "C", sort_name, sku) WHERE active;
CREATE INDEX products_of_category_by_price ON products (category COLLATE "C", price_cents, sku) WHERE active;

-- The words of active products, folded. Without a foreign key, as 0001-orders.sql says why.
CREATE TABLE product_words (
  sku  text COLLATE "C" NOT NULL,
  word text COLLATE "C" NOT NULL,
  PRIMARY KEY (sku, word)
);

CREATE INDEX product_words_by_word ON product_words (word, sku);
