-- What the service's role may do, where there is one (deploy/postgres/roles.sql). Only counters of popularity, which can
-- be recounted, words of the catalogue and pictures that no product names are ever deleted. Lines, keys, logs and ledger
-- can only be added; of an order its status changes, and of orders and events the personal data that is erased.
GRANT SELECT ON api_keys, idempotency_keys, order_events, order_key_secret, order_lines, order_log, order_numbers, orders,
  popularity, product_changes, product_images, product_words, products, ranking_debt, schema_versions, shop_identity, stock,
  stock_movements, stock_receipts, unnamed_images, write_probe TO nozama_service;
GRANT INSERT ON api_keys, idempotency_keys, order_events, order_key_secret, order_lines, order_log, orders, popularity,
  product_changes, product_images, product_words, products, ranking_debt, stock, stock_movements, stock_receipts,
  unnamed_images TO nozama_service;
GRANT UPDATE ON order_numbers, popularity, products, ranking_debt, stock, unnamed_images, write_probe TO nozama_service;
GRANT UPDATE (status, revision, customer_name, street_address, zip_code, email) ON orders TO nozama_service;
GRANT UPDATE (data) ON order_events TO nozama_service;
GRANT UPDATE (revoked_at_ms, last_used_at_ms) ON api_keys TO nozama_service;
GRANT DELETE ON popularity, product_images, product_words, unnamed_images TO nozama_service;
-- Entries can only be added; an address in one can be erased.
GRANT SELECT, INSERT ON audit_log TO nozama_service;
GRANT UPDATE (address, address_salt) ON audit_log TO nozama_service;
GRANT SELECT, UPDATE ON audit_head TO nozama_service;
