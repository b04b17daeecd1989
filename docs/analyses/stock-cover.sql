-- How long the stock lasts: units on hand of each product that can be ordered, and for how many days
-- they are enough when sales go on as in the last 28 days. days_left is null when none was sold.
-- On hand is what came in or was counted, less the ordered units, plus those of cancelled orders and
-- of returns that were put back. Days without any order in the shop do not count as days of sale.
with restocked as (
  select
    l.order_id,
    l.sku,
    sum(cast(nullif(regexp_extract(e.lines, concat('"sku":"', l.sku, '","quantity":([0-9]+)'), 1), '') as bigint)) as units
  from order_events e
  join order_lines l on l.order_id = e.order_id
  where e.type = 'order_returned' and e.restock
  group by l.order_id, l.sku
),
cancelled as (
  select order_id from order_events where type = 'order_cancelled'
),
taken as (
  select
    l.sku,
    l.placed_date,
    case when c.order_id is null then l.quantity - coalesce(r.units, 0) else 0 end as units
  from order_lines l
  left join restocked r on r.order_id = l.order_id and r.sku = l.sku
  left join cancelled c on c.order_id = l.order_id
),
recent as (
  select distinct o.placed_date
  from orders o
  cross join (select max(placed_date) as last_date from orders) l
  where o.placed_date > l.last_date - interval '28' day
),
sold as (
  select
    t.sku,
    sum(t.units) as units,
    sum(case when r.placed_date is null then 0 else t.units end) as recent_units
  from taken t
  left join recent r on r.placed_date = t.placed_date
  group by t.sku
),
moved as (
  select sku, sum(units) as units from stock_movements group by sku
),
newest as (
  select sku, max(position) as position from products group by sku
),
stock as (
  select
    p.sku,
    p.name,
    coalesce(m.units, 0) - coalesce(s.units, 0) as on_hand,
    coalesce(s.recent_units, 0) as units_in_28_days,
    (select count(*) from recent) as days_of_sale
  from products p
  join newest n on n.position = p.position
  left join moved m on m.sku = p.sku
  left join sold s on s.sku = p.sku
  where p.active
)
select
  sku,
  name,
  on_hand,
  units_in_28_days,
  days_of_sale,
  cast(cast(on_hand as double) * days_of_sale / nullif(units_in_28_days, 0) as decimal(18, 1)) as days_left
from stock
order by days_left nulls last, on_hand, sku
