-- ZIP codes that ordered more than once: the hundred with the most orders.
-- Cancelled orders do not count.
with cancelled as (
  select order_id from order_events where type = 'order_cancelled'
)
select
  o.state,
  o.zip_code,
  count(*) as orders,
  count(distinct o.placed_date) as days_with_orders,
  min(o.placed_date) as first_date,
  max(o.placed_date) as last_date,
  sum(o.total_cents) as total_cents
from orders o
left join cancelled c on c.order_id = o.order_id
where c.order_id is null
group by o.state, o.zip_code
having count(*) > 1
order by orders desc, total_cents desc, o.state, o.zip_code
limit 100
