-- Revenue of each hour in which orders were placed, in cents: what was ordered, less cancelled orders
-- and returned units. Hours are those of the session's time zone: set it to UTC.
with returned as (
  select
    l.order_id,
    sum(l.unit_price_cents * cast(nullif(regexp_extract(e.lines, concat('"sku":"', l.sku, '","quantity":([0-9]+)'), 1), '') as bigint)) as cents
  from order_events e
  join order_lines l on l.order_id = e.order_id
  where e.type = 'order_returned'
  group by l.order_id
),
cancelled as (
  select order_id from order_events where type = 'order_cancelled'
),
placed as (
  select
    o.placed_date,
    cast(extract(hour from o.placed_at) as integer) as hour,
    o.unit_count,
    o.total_cents,
    case when c.order_id is null then 0 else o.total_cents end as cancelled_cents,
    coalesce(r.cents, 0) as returned_cents
  from orders o
  left join returned r on r.order_id = o.order_id
  left join cancelled c on c.order_id = o.order_id
)
select
  placed_date,
  hour,
  count(*) as orders,
  sum(unit_count) as units,
  sum(total_cents) as ordered_cents,
  sum(cancelled_cents) as cancelled_cents,
  sum(returned_cents) as returned_cents,
  sum(total_cents) - sum(cancelled_cents) - sum(returned_cents) as revenue_cents
from placed
group by placed_date, hour
order by placed_date, hour
