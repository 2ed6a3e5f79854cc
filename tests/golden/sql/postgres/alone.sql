select n.nspname, c.relname, a.attname, format_type(a.atttypid, a.atttypmod), t.typtype,
  not a.attnotnull, coalesce(array_position(i.indkey::smallint[], a.attnum) + 1, 0),
  t.typname in ('text', 'varchar', 'bpchar') and coalesce(l.collisdeterministic, false),
  current_schema(), a.atttypid, e.oid, e.typtype
from pg_class as c
join pg_namespace as n on n.oid = c.relnamespace
left join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
  and c.relname in ('orders')
left join pg_type as t on t.oid = a.atttypid
left join pg_type as e on e.oid = t.typelem and t.typcategory = 'A'
left join pg_collation as l on l.oid = a.attcollation
left join pg_index as i on i.indrelid = c.oid and i.indisprimary
where c.relkind in ('r', 'p', 'v', 'm', 'f')
  and (n.nspname = current_schema() or n.nspname in (null))
order by n.nspname, c.relname, a.attnum;

select 1 from "sales"."orders" limit 1;

select * from (
select count(*) from orders where qty > 1 -- many
) as asked
limit 2;
