-- supports from: 1
-- ANALYZE holds a snapshot for as long as it samples a table, and no version of a stock row or counter that
-- was current then can be cleared away meanwhile: thousands each second, which spill onto new pages. By
-- default it came once a minute to each of the large tables of a shop that fills. Nothing on the way of an
-- order needs fresh statistics: its statements are planned to read by index whatever they say. So these
-- tables are analyzed when they have doubled (docs/decisions/0015).

ALTER TABLE orders           SET (autovacuum_analyze_scale_factor = 1, autovacuum_analyze_threshold = 1000000);
ALTER TABLE order_lines      SET (autovacuum_analyze_scale_factor = 1, autovacuum_analyze_threshold = 1000000);
ALTER TABLE idempotency_keys SET (autovacuum_analyze_scale_factor = 1, autovacuum_analyze_threshold = 1000000);
ALTER TABLE order_log        SET (autovacuum_analyze_scale_factor = 1, autovacuum_analyze_threshold = 1000000);

-- What has spilled is cleared away soon: stock grew to 170 pages for 20 rows without ever having 5,000 dead ones.
ALTER TABLE stock      SET (autovacuum_vacuum_threshold = 500);
ALTER TABLE popularity SET (autovacuum_vacuum_threshold = 1000);
