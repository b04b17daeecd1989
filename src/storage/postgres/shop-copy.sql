-- There while `nozama copy` fills this database, and gone when it has ended: how far it has come, and a guard
-- that keeps all others from writing, also a service that was started before the copy was.

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
