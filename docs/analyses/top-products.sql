-- The three most popular products of each state: in each week, which begins on Monday, and over all
-- time, where week is null. Those of all time are the three that the confirmation page shows.
-- A product counts in an order as long as the customer keeps a unit of it: cancelled orders and
-- returned units do not count. Products that were retired are left out. Ties: more units, then the
-- name.
with returned as (
  select
    l.order_id,
    l.sku,
    sum(cast(nullif(regexp_extract(e.lines, concat('"sku":"', l.sku, '","quantity":([0-9]+)'), 1), '') as bigint)) as units
  from order_events e
  join order_lines l on l.order_id = e.order_id
  where e.type = 'order_returned'
  group by l.order_id, l.sku
),
cancelled as (
  select order_id from order_events where type = 'order_cancelled'
),
kept as (
  select
    l.state,
    l.sku,
    cast(date_trunc('week', l.placed_date) as date) as week,
    l.quantity - coalesce(r.units, 0) as units
  from order_lines l
  left join returned r on r.order_id = l.order_id and r.sku = l.sku
  left join cancelled c on c.order_id = l.order_id
  where c.order_id is null and l.quantity > coalesce(r.units, 0)
),
counted as (
  select state, week, sku, count(*) as orders, sum(units) as units
  from kept
  group by grouping sets ((state, week, sku), (state, sku))
),
newest as (
  select sku, max(position) as position from products group by sku
),
named as (
  select p.sku, p.name from products p join newest n on n.position = p.position where p.active
),
ranked as (
  select
    c.state,
    c.week,
    row_number() over (
      partition by c.state, c.week
      order by c.orders desc, c.units desc, n.name, c.sku
    ) as rank,
    c.sku,
    n.name,
    c.orders,
    c.units
  from counted c
  join named n on n.sku = c.sku
)
select state, week, rank, sku, name, orders, units
from ranked
where rank <= 3
order by state, week desc nulls first, rank
