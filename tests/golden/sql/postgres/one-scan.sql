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
  count(*),
  count(*) - count("name"),
  count(*) filter (where "name" is null or "name" in ('n/a', '-')),
  count(*) filter (where "status" not in ('open', 'it''s done')),
  count(*) filter (where not ("name" collate "C" ~ '^[A-Z][0-9A-Z\_a-z]+$')),
  count(*) filter (where "qty" < 0),
  count(*) filter (where "price" > 99.5),
  count(*) filter (where "ordered_at" > timestamp '2023-12-31 23:00:00'),
  count(*) filter (where char_length("name") > 40),
  count(*) filter (where mod("qty", 5) <> 0),
  count(*) filter (where ("price" is not null and not coalesce(case when abs(cast("price" as double precision)) <= cast(1.0000000000000001e-11 as double precision) then true when abs(cast("price" as double precision)) >= cast(900719925474099.2 as double precision) then abs(cast("price" as double precision)) <= cast(1.7976931348623157e+308 as double precision) else abs(cast("price" as double precision) / cast(0.1 as double precision) - round(cast("price" as double precision) / cast(0.1 as double precision))) <= 1e-9 + 1e-15 * abs(cast("price" as double precision) / cast(0.1 as double precision)) end, false))),
  count(*) filter (where not ("host" collate "C" ~ '^((25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])\.){3}(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])$')),
  count(*) filter (where ("qty" is null) or ("qty" > 1000)),
  cast(max("ordered_at") as text),
  cast(min("ordered_at") as text)
from "sales"."orders";
