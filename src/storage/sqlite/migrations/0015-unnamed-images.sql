-- Since when a picture may have no product that names it: since it was saved, or since a product got another. Some weeks
-- later a look at the products tells, and the picture goes or its row here does.
CREATE TABLE unnamed_images (
  hash     TEXT    NOT NULL PRIMARY KEY,
  since_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX unnamed_images_by_age ON unnamed_images (since_ms);

-- Of kept pictures alone, whose addresses hold a hash of 64 digits.
CREATE INDEX products_by_kept_image ON products (image_url) WHERE length(image_url) > 64;

INSERT INTO unnamed_images SELECT hash, 1000 * unixepoch() FROM product_images;
