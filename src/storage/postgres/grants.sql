-- What the service's role may do, where there is one (deploy/postgres/roles.sql). Orders, their lines, keys and log can
-- only be added; only words of the catalogue can be deleted.
GRANT SELECT ON api_keys, idempotency_keys, order_key_secret, order_lines, order_log, order_numbers, orders, popularity,
  product_images, product_words, products, schema_versions, stock, stock_movements, stock_receipts, write_probe
  TO nozama_service;
GRANT INSERT ON api_keys, idempotency_keys, order_key_secret, order_lines, order_log, orders, popularity, product_images,
  product_words, products, stock, stock_movements, stock_receipts TO nozama_service;
GRANT UPDATE ON order_numbers, popularity, products, stock, write_probe TO nozama_service;
GRANT UPDATE (revoked_at_ms, last_used_at_ms) ON api_keys TO nozama_service;
GRANT DELETE ON product_words TO nozama_service;
-- Entries can only be added; an address in one can be erased.
GRANT SELECT, INSERT ON audit_log TO nozama_service;
GRANT UPDATE (address, address_salt) ON audit_log TO nozama_service;
GRANT SELECT, UPDATE ON audit_head TO nozama_service;
