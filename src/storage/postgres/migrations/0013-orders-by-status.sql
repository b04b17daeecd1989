-- supports from: 1
-- Orders that are packed, shipped and so on are listed by it, however many others there are. A new order is placed, and
-- so stands in no index but those of its keys.
CREATE INDEX orders_by_status ON orders (status, number) WHERE status <> 'placed';
