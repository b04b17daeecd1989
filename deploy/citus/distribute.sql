-- Spreads a shop's orders over the workers of a Citus cluster (docs/decisions/0018). Azure calls such a cluster
-- Azure Cosmos DB for PostgreSQL. A trial, not for a shop yet, see there.
--
--   createdb -E UTF8 -T template0 shop                                on the coordinator and on each worker
--   psql -d shop -c 'CREATE EXTENSION citus'                          on the coordinator and on each worker
--   psql -d shop -c "SELECT citus_set_coordinator_host('coordinator.example', 5432)"
--   psql -d shop -c "SELECT citus_add_node('worker-1.example', 5432)" and so on, on the coordinator
--   psql -d shop -v ON_ERROR_STOP=1 -f deploy/postgres/roles.sql      if the shop is to have roles of its own
--   DATABASE_URL=postgres://nozama_owner@coordinator.example/shop nozama migrate
--   psql -d shop -v ON_ERROR_STOP=1 -f deploy/citus/distribute.sql    as who owns the tables, with services stopped
--
-- (On Azure the first four are done by Azure.) Once, on an empty shop or on one that holds orders, which are then
-- moved to the workers; again does no harm. All of it is done or nothing.

DO $$
DECLARE
  nodes integer;
  -- In so many pieces. What has no order id or key to go by asks them all, which speaks for few; a piece is what moves
  -- when workers are added, which speaks for several a worker. One can be split later (citus_split_shard_by_split_points).
  shards integer;
BEGIN
  IF NOT EXISTS (SELECT FROM pg_extension WHERE extname = 'citus') THEN
    RAISE EXCEPTION 'this database has no Citus: CREATE EXTENSION citus on the coordinator and each worker first';
  END IF;
  IF to_regclass('schema_versions') IS NULL THEN
    RAISE EXCEPTION 'this database holds no shop: run nozama migrate first';
  END IF;
  IF to_regclass('shop_copy') IS NOT NULL THEN
    RAISE EXCEPTION 'a copy into this database has not finished: let nozama copy end first';
  END IF;
  IF EXISTS (SELECT FROM pg_dist_partition WHERE logicalrelid = 'orders'::regclass) THEN
    RAISE NOTICE 'the shop is distributed already';
    RETURN;
  END IF;

  SELECT count(*) INTO nodes FROM pg_dist_node WHERE shouldhaveshards AND isactive AND noderole = 'primary';
  IF nodes = 0 THEN
    RAISE EXCEPTION 'no node to keep orders on: SELECT citus_add_node(host, port) for each worker first';
  END IF;
  shards := greatest(8, 4 * nodes);

  -- Citus has no triggers on tables of every node: there the program enters changes of products into their log.
  DROP TRIGGER IF EXISTS added_products_are_logged ON products;
  DROP TRIGGER IF EXISTS changed_products_are_logged ON products;
  -- On every node, because orders are joined with it there. stock and stock_movements refer to it, so Citus takes
  -- them into its keeping, on the coordinator.
  PERFORM create_reference_table('products');
  -- Also on every node, so that a shop is ready when all of them take writes.
  PERFORM create_reference_table('write_probe');

  -- Numbers must be unique over all workers, which no index of a distributed table can see to. The log is on
  -- the coordinator and has every order once as placed.
  ALTER TABLE orders DROP CONSTRAINT orders_number_is_unique;
  CREATE UNIQUE INDEX orders_number_is_unique ON order_log (order_number) WHERE type = 'order_placed';

  PERFORM create_distributed_table('orders', 'order_id', colocate_with => 'none', shard_count => shards);
  PERFORM create_distributed_table('order_lines', 'order_id', colocate_with => 'orders');
  PERFORM create_distributed_table('order_events', 'order_id', colocate_with => 'orders');
  PERFORM create_distributed_table('idempotency_keys', 'idempotency_key', colocate_with => 'none', shard_count => shards);
END $$;
