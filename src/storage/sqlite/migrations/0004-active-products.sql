-- The shop page lists the products that can be ordered, however many are retired.

CREATE INDEX products_active ON products (sku) WHERE active = 1;
