-- A log of the changes of products, and an id of the shop, for readers who carry both to other systems.

-- Made once. All copies of the shop have the same: a random UUID (RFC 9562, version 4).
CREATE TABLE shop_identity (
  identity_id INTEGER NOT NULL PRIMARY KEY CHECK (identity_id = 1),
  shop_id     TEXT    NOT NULL
) STRICT;

INSERT INTO shop_identity (identity_id, shop_id)
VALUES (1, lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2) || '-'
  || substr('89ab', 1 + (random() & 3), 1) || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6))));

CREATE TRIGGER shop_identity_is_never_changed BEFORE UPDATE ON shop_identity
BEGIN SELECT RAISE(ABORT, 'a shop keeps its id'); END;

CREATE TRIGGER shop_identity_is_never_deleted BEFORE DELETE ON shop_identity
BEGIN SELECT RAISE(ABORT, 'a shop keeps its id'); END;

-- Each product as a change has left it, in commit order. SQLite gives positions: 1, 2, 3 …, as nothing is ever deleted. A
-- change that names a product twice has one entry and two revisions. The stock of a product is in the ledger.
CREATE TABLE product_changes (
  position      INTEGER NOT NULL PRIMARY KEY,
  sku           TEXT    NOT NULL REFERENCES products (sku),
  revision      INTEGER NOT NULL,
  changed_at_ms INTEGER NOT NULL,
  name          TEXT    NOT NULL,
  description   TEXT    NOT NULL,
  category      TEXT    NOT NULL,
  price_cents   INTEGER NOT NULL,
  image_url     TEXT    NOT NULL,
  active        INTEGER NOT NULL CHECK (active IN (0, 1)),
  created_at_ms INTEGER NOT NULL,
  UNIQUE (sku, revision)
) STRICT;

-- Earlier changes are not known: each product begins as it is now.
INSERT INTO product_changes (
  position, sku, revision, changed_at_ms, name, description, category, price_cents, image_url, active, created_at_ms)
SELECT row_number() OVER (ORDER BY created_at_ms, sku), sku, revision, created_at_ms, name, description, category,
  price_cents, image_url, active, created_at_ms
FROM products;

CREATE TRIGGER product_changes_are_never_changed BEFORE UPDATE ON product_changes
BEGIN SELECT RAISE(ABORT, 'the log of products is append-only'); END;

CREATE TRIGGER product_changes_are_never_deleted BEFORE DELETE ON product_changes
BEGIN SELECT RAISE(ABORT, 'the log of products is append-only'); END;

-- The database makes the entries: a program of before that still runs on this file knows nothing of the log, and its
-- changes are in it as well.
CREATE TRIGGER added_products_are_logged AFTER INSERT ON products
BEGIN
  INSERT INTO product_changes (
    sku, revision, changed_at_ms, name, description, category, price_cents, image_url, active, created_at_ms)
  VALUES (NEW.sku, NEW.revision, NEW.created_at_ms, NEW.name, NEW.description, NEW.category, NEW.price_cents,
    NEW.image_url, NEW.active, NEW.created_at_ms);
END;

CREATE TRIGGER changed_products_are_logged
AFTER UPDATE OF name, description, category, price_cents, image_url, active, revision ON products
WHEN (NEW.name, NEW.description, NEW.category, NEW.price_cents, NEW.image_url, NEW.active, NEW.revision)
  IS NOT (OLD.name, OLD.description, OLD.category, OLD.price_cents, OLD.image_url, OLD.active, OLD.revision)
BEGIN
  INSERT INTO product_changes (
    sku, revision, changed_at_ms, name, description, category, price_cents, image_url, active, created_at_ms)
  VALUES (NEW.sku, NEW.revision, CAST(round(1000 * unixepoch('subsec')) AS INTEGER), NEW.name, NEW.description,
    NEW.category, NEW.price_cents, NEW.image_url, NEW.active, NEW.created_at_ms);
END;
