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

select
  count(*) filter (where case coalesce(jsonb_typeof("a""; drop table t; --"), 'null') when 'object' then case coalesce(jsonb_typeof("a""; drop table t; --" -> 'b"'), 'null') when 'array' then exists (select 1 from jsonb_array_elements("a""; drop table t; --" -> 'b"') as i0(item) where case coalesce(jsonb_typeof(i0.item), 'null') when 'object' then case coalesce(jsonb_typeof(i0.item -> 'c''; drop table t; --'), 'null') when 'object' then coalesce(jsonb_typeof(i0.item -> 'c''; drop table t; --' -> '$.\ü'), 'null') = 'null' when 'null' then false else true end when 'null' then false else true end) when 'null' then false else true end when 'null' then false else true end),
  count(*) - count("a""; drop table t; --"),
  count(*) filter (where "select" not in ('''; drop table t; --', '\', '%s', '${x}'))
from "sales"."orders";

select
  coalesce(sum(n - 1), 0)
from (
  select count(*) as n from "sales"."orders"
  where "Größe (cm)" is not null
  group by "Größe (cm)"
  having count(*) > 1
) as duplicated;
