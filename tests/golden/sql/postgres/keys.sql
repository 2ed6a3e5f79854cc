select n.nspname, c.relname, a.attname, format_type(a.atttypid, a.atttypmod), t.typtype,
  not a.attnotnull, coalesce(array_position(i.indkey::smallint[], a.attnum) + 1, 0),
  t.typname in ('text', 'varchar', 'bpchar') and coalesce(l.collisdeterministic, false),
  current_schema(), a.atttypid, e.oid, e.typtype
from pg_class as c
join pg_namespace as n on n.oid = c.relnamespace
left join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
  and c.relname in ('orders', 'other.parents', 'parents')
left join pg_type as t on t.oid = a.atttypid
left join pg_type as e on e.oid = t.typelem and t.typcategory = 'A'
left join pg_collation as l on l.oid = a.attcollation
left join pg_index as i on i.indrelid = c.oid and i.indisprimary
where c.relkind in ('r', 'p', 'v', 'm', 'f')
  and (n.nspname = current_schema() or n.nspname in ('other'))
order by n.nspname, c.relname, a.attnum;

select
  count(*) filter (where not ("name" collate "C" ~ 'a'))
from "sales"."orders";

select 0, count(*), coalesce(sum(n - 1), 0), coalesce(sum(n), 0) from (
  select count(*) as n from "sales"."orders"
  where "name" is not null
  group by "name" collate "C"
  having count(*) > 1
) as duplicated
union all
select 1, coalesce(sum(n - 1), 0), 0, 0 from (
  select count(*) as n from "sales"."orders"
  where "name" is not null and "qty" is not null
  group by "name" collate "C", "qty"
  having count(*) > 1
) as duplicated;

select count(*) from "sales"."orders" as c
where c."name" is not null and c."qty" is not null
  and not exists (select 1 from "other"."parents" as p where p."id" = c."name" and p."part" = c."qty");
