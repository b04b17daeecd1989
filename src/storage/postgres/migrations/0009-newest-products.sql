-- supports from: 1
-- Products are listed by when they were added, too.

CREATE INDEX products_sorted_by_age ON products (created_at_ms, sku) WHERE active;
CREATE INDEX products_of_category_by_age ON products (category COLLATE "C", created_at_ms, sku) WHERE active;
