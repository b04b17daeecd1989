-- There while `nozama copy` fills this database, and gone when it has ended: how far it has come, and a guard
-- that keeps everybody else from writing, also a service that was started before the copy was.

CREATE TABLE shop_copy (
  only_row     boolean NOT NULL PRIMARY KEY DEFAULT true CHECK (only_row),
  -- Which source, in which state (ShopReader.identity).
  source       text    NOT NULL,
  section      text    NOT NULL,
  -- The key of the last row that is there, as JSON.
  after_key    text    NOT NULL,
  rows_copied  bigint  NOT NULL
);

CREATE FUNCTION shop_copy_guard() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN
  IF current_setting('nozama.copies', true) IS DISTINCT FROM 'yes' THEN
    RAISE EXCEPTION 'a copy into this database has not finished';
  END IF;
  RETURN NULL;
END $$;

-- Citus has no triggers on what it keeps on workers, products and orders. Neither is ever written without a row of
-- the stock: the guard there is enough.
DO $$
DECLARE
  guarded text;
  is_on_workers boolean;
BEGIN
  FOREACH guarded IN ARRAY ARRAY['products', 'stock', 'orders', 'order_numbers', 'order_key_secret'] LOOP
    is_on_workers := false;
    IF to_regclass('pg_dist_partition') IS NOT NULL THEN
      EXECUTE 'SELECT EXISTS (SELECT FROM pg_dist_partition
          WHERE logicalrelid = $1::regclass AND (partmethod <> ''n'' OR repmodel = ''t''))'
        INTO is_on_workers USING guarded;
    END IF;
    IF NOT is_on_workers THEN
      EXECUTE format('CREATE TRIGGER shop_copy_guard BEFORE INSERT OR UPDATE OR DELETE ON %I
        FOR EACH STATEMENT EXECUTE FUNCTION shop_copy_guard()', guarded);
    END IF;
  END LOOP;
END $$;
