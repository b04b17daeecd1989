-- An erasure finds the audit entries of an order's holder by it, however long the audit log is. API keys and the
-- command line have no entries in it.
CREATE INDEX audit_log_addresses_of_shoppers ON audit_log (entry ->> 'subject')
WHERE entry ->> 'actor' = 'shopper' AND address IS NOT NULL;
