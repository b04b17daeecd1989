-- supports from: 7
-- A log of the changes of products, and an id of the shop, for readers who carry both to other systems. Programs from
-- before version 7 change products without a new revision, which the log needs.

-- Made once. All copies of the shop have the same: a random UUID (RFC 9562, version 4).
CREATE TABLE shop_identity (
  only_row boolean NOT NULL PRIMARY KEY DEFAULT true CHECK (only_row),
  shop_id  uuid    NOT NULL DEFAULT gen_random_uuid()
);

INSERT INTO shop_identity DEFAULT VALUES;

-- A copy of another shop takes its id along (shop-copy.sql).
CREATE FUNCTION shop_identity_is_kept() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN
  IF current_setting('nozama.copies', true) IS DISTINCT FROM 'yes' THEN
    RAISE EXCEPTION 'a shop keeps its id';
  END IF;
  RETURN NULL;
END $$;

CREATE TRIGGER shop_identity_is_kept AFTER UPDATE OR DELETE OR TRUNCATE ON shop_identity
  FOR EACH STATEMENT EXECUTE FUNCTION shop_identity_is_kept();

-- Each product as a change has left it. Positions are given under the catalogue's lock, which is held until the commit,
-- hence no sequence. A change that names a product twice has one entry and two revisions. The stock of a product is in the
-- ledger.
CREATE TABLE product_changes (
  position      bigint  NOT NULL PRIMARY KEY,
  sku           text    COLLATE "C" NOT NULL,
  revision      integer NOT NULL,
  changed_at_ms bigint  NOT NULL,
  name          text    COLLATE "C" NOT NULL,
  description   text    NOT NULL,
  category      text    NOT NULL,
  price_cents   bigint  NOT NULL,
  image_url     text    NOT NULL,
  active        boolean NOT NULL,
  created_at_ms bigint  NOT NULL,
  CONSTRAINT product_changes_revision_is_unique UNIQUE (sku, revision)
);

-- The database makes the entries: a program of before knows nothing of the log, and its changes are in it as well. A
-- change that is in the log already, word for word, is one that `nozama copy` has brought; another change under the same
-- revision is refused. The lock is that of the catalogue (locks.ts), which a program has already: this one is for changes
-- by hand.
CREATE FUNCTION products_are_logged() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN
  PERFORM pg_advisory_xact_lock(1314540865, 3);
  INSERT INTO product_changes (
    position, sku, revision, changed_at_ms, name, description, category, price_cents, image_url, active, created_at_ms)
  SELECT (SELECT coalesce(max(position), 0) FROM product_changes) + row_number() OVER (ORDER BY sku), sku, revision,
    CASE TG_OP WHEN 'INSERT' THEN created_at_ms ELSE (1000 * extract(epoch FROM clock_timestamp()))::bigint END,
    name, description, category, price_cents, image_url, active, created_at_ms
  FROM changed
  WHERE NOT EXISTS (
    SELECT FROM product_changes AS logged
    WHERE logged.sku = changed.sku AND logged.revision = changed.revision
      AND (logged.name, logged.description, logged.category, logged.price_cents, logged.image_url, logged.active)
        = (changed.name, changed.description, changed.category, changed.price_cents, changed.image_url, changed.active));
  RETURN NULL;
END $$;

-- Tables whose rows may be spread over several servers take no trigger: migrate.ts says in this setting whether they may
-- be, and there the program makes the entries (product-log.ts).
DO $$
BEGIN
  IF current_setting('nozama.may_spread', true) IS DISTINCT FROM 'true' THEN
    CREATE TRIGGER added_products_are_logged AFTER INSERT ON products REFERENCING NEW TABLE AS changed
      FOR EACH STATEMENT EXECUTE FUNCTION products_are_logged();
    CREATE TRIGGER changed_products_are_logged AFTER UPDATE ON products REFERENCING NEW TABLE AS changed
      FOR EACH STATEMENT EXECUTE FUNCTION products_are_logged();
  END IF;
END $$;

-- Earlier changes are not known: each product begins as it is now. Behind the triggers, which wait for the changes that
-- are under way.
INSERT INTO product_changes (
  position, sku, revision, changed_at_ms, name, description, category, price_cents, image_url, active, created_at_ms)
SELECT row_number() OVER (ORDER BY created_at_ms, sku), sku, revision, created_at_ms, name, description, category,
  price_cents, image_url, active, created_at_ms
FROM products;

CREATE FUNCTION product_log_is_append_only() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'the log of products is append-only'; END $$;

CREATE TRIGGER product_log_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON product_changes
  FOR EACH STATEMENT EXECUTE FUNCTION product_log_is_append_only();
