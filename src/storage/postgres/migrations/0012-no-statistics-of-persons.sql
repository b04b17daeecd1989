-- supports from: 1
-- The planner's statistics are values of the columns: names would stay in them, and in a dump of PostgreSQL 18, from an
-- erasure to the next ANALYZE. Nothing is looked for by these columns. A change of type drops the statistics that there
-- are, and rewrites no row when the type is the same. Tables whose rows may be spread over several servers take no SET
-- STATISTICS: migrate.ts says in this setting whether they may be.
DO $$
BEGIN
  IF current_setting('nozama.may_spread', true) IS DISTINCT FROM 'true' THEN
    ALTER TABLE orders
      ALTER COLUMN customer_name TYPE text, ALTER COLUMN customer_name SET STATISTICS 0,
      ALTER COLUMN street_address TYPE text, ALTER COLUMN street_address SET STATISTICS 0,
      ALTER COLUMN email TYPE text, ALTER COLUMN email SET STATISTICS 0;
    ALTER TABLE order_events ALTER COLUMN data TYPE jsonb, ALTER COLUMN data SET STATISTICS 0;
    ALTER TABLE audit_log ALTER COLUMN address SET STATISTICS 0, ALTER COLUMN address_salt SET STATISTICS 0;
  END IF;
END $$;
