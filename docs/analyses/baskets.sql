-- Products that are bought together: the twenty pairs that most orders hold.
-- A lift above 1 says that the two are together more often than chance would have it.
-- Cancelled orders do not count.
with cancelled as (
  select order_id from order_events where type = 'order_cancelled'
),
bought as (
  select l.order_id, l.sku
  from order_lines l
  left join cancelled c on c.order_id = l.order_id
  where c.order_id is null
),
total as (
  select count(distinct order_id) as orders from bought
),
single as (
  select sku, count(*) as orders from bought group by sku
),
pairs as (
  select a.sku as sku, b.sku as other_sku, count(*) as orders
  from bought a
  join bought b on b.order_id = a.order_id and b.sku > a.sku
  group by a.sku, b.sku
)
select
  p.sku,
  p.other_sku,
  p.orders,
  a.orders as sku_orders,
  b.orders as other_sku_orders,
  cast(cast(p.orders as double) * t.orders / a.orders / b.orders as decimal(18, 2)) as lift
from pairs p
join single a on a.sku = p.sku
join single b on b.sku = p.other_sku
cross join total t
order by p.orders desc, p.sku, p.other_sku
limit 20
