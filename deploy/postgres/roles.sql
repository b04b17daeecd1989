-- Makes the two roles of a shop: nozama_owner owns the tables and changes the schema, nozama_service takes orders.
-- The service can neither drop a table nor delete or change an order.
--
--   createdb -E UTF8 -T template0 shop
--   psql -d shop -v ON_ERROR_STOP=1 -f deploy/postgres/roles.sql      as a superuser; running it again does no harm
--   psql -d shop -c '\password nozama_owner' -c '\password nozama_service'
--   DATABASE_URL=postgres://nozama_owner@localhost/shop nozama migrate
--   DATABASE_URL=postgres://nozama_service@localhost/shop DATABASE_MIGRATE_AT_START=false nozama serve
--
-- `nozama migrate` makes each table and grants the service its rights on it.

DO $$
DECLARE
  table_name text;
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'nozama_owner') THEN
    CREATE ROLE nozama_owner LOGIN;
  END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'nozama_service') THEN
    CREATE ROLE nozama_service LOGIN;
  END IF;
  REVOKE CREATE ON SCHEMA public FROM PUBLIC;
  GRANT USAGE, CREATE ON SCHEMA public TO nozama_owner;
  GRANT USAGE ON SCHEMA public TO nozama_service;
  -- When another role has made the shop before, its tables get the new owner.
  FOR table_name IN
    -- Views among them: ALTER TABLE gives them their owner, too.
    SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relname IN
      ('api_keys', 'audit_head', 'audit_log', 'idempotency_keys', 'order_events', 'order_key_secret', 'order_lines',
       'order_log', 'order_numbers', 'orders', 'popularity', 'product_changes', 'product_images', 'product_words',
       'products', 'ranking_debt', 'schema_versions', 'shop_identity', 'stock', 'stock_movements',
       'stock_receipts', 'unnamed_images', 'write_probe')
  LOOP
    EXECUTE format('ALTER TABLE public.%I OWNER TO nozama_owner', table_name);
  END LOOP;
END $$;
