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
  count(*) filter (where case coalesce(jsonb_typeof("address"), 'null') when 'object' then coalesce(jsonb_typeof("address" -> 'street'), 'null') = 'null' when 'null' then false else true end),
  count(*) filter (where case coalesce(jsonb_typeof("lines"), 'null') when 'array' then exists (select 1 from jsonb_array_elements("lines") as i0(item) where case coalesce(jsonb_typeof(i0.item), 'null') when 'object' then case when coalesce(jsonb_typeof(i0.item -> 'sku'), 'null') = 'null' or jsonb_typeof(i0.item -> 'sku') = 'string' then not ((i0.item -> 'sku' #>> '{}') collate "C" ~ '^[A-Z]+$') else true end when 'null' then false else true end) when 'null' then false else true end),
  count(*) filter (where case coalesce(jsonb_typeof("lines"), 'null') when 'array' then exists (select 1 from jsonb_array_elements("lines") as i0(item) where case coalesce(jsonb_typeof(i0.item), 'null') when 'object' then case when coalesce(jsonb_typeof(i0.item -> 'qty'), 'null') = 'null' or case when jsonb_typeof(i0.item -> 'qty') = 'number' then mod(cast((i0.item -> 'qty' #>> '{}') as numeric), 1) = 0 else false end then cast((i0.item -> 'qty' #>> '{}') as numeric) < 1 else true end when 'null' then false else true end) when 'null' then false else true end),
  count(*) filter (where exists (select 1 from (select unnest("tags") as item) as i0 where i0.item not in ('new', 'it''s done'))),
  count(*) filter (where case coalesce(jsonb_typeof("prices"), 'null') when 'object' then exists (select 1 from jsonb_each("prices") as i0(key, item) where not (i0.key collate "C" ~ '^[A-Z]{3}$')) when 'null' then false else true end),
  count(*) filter (where case coalesce(jsonb_typeof("prices"), 'null') when 'object' then exists (select 1 from jsonb_each("prices") as i0(key, item) where case when coalesce(jsonb_typeof(i0.item), 'null') = 'null' or jsonb_typeof(i0.item) = 'number' then cast((i0.item #>> '{}') as numeric) < 0 else true end) when 'null' then false else true end),
  cast(max(case when (("meta" -> 'updated_at' #>> '{}') collate "C" ~ '^[0-9]{4}\-[0-9]{2}\-[0-9]{2}[T ][0-9]{2}\:[0-9]{2}(\:[0-9]{2}(\.[0-9]+)?)?(Z|[\+\-][0-9]{2}(\:?[0-9]{2})?)$') then least(greatest(cast(("meta" -> 'updated_at' #>> '{}') as timestamptz), timestamptz '0001-01-01 00:00:00+00:00'), timestamptz '9999-12-31 23:59:59.999999+00:00') when (("meta" -> 'updated_at' #>> '{}') collate "C" ~ '^[0-9]{4}\-[0-9]{2}\-[0-9]{2}([T ][0-9]{2}\:[0-9]{2}(\:[0-9]{2}(\.[0-9]+)?)?)?$') then least(greatest(timezone('UTC', cast(("meta" -> 'updated_at' #>> '{}') as timestamp)), timestamptz '0001-01-01 00:00:00+00:00'), timestamptz '9999-12-31 23:59:59.999999+00:00') when ("meta" -> 'updated_at' #>> '{}') is not null then cast('not ISO 8601: ' || char_length(("meta" -> 'updated_at' #>> '{}')) as timestamptz) end) as text)
from "sales"."orders";

select
  coalesce(sum(n - 1), 0)
from (
  select count(*) as n from "sales"."orders"
  where nullif("address" -> 'street', 'null') is not null
  group by nullif("address" -> 'street', 'null')
  having count(*) > 1
) as duplicated;
