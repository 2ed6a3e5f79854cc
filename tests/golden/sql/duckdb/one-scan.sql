with kept as (
  select schema_name, table_name from duckdb_tables() where database_name = current_database()
  union all
  select schema_name, view_name from duckdb_views() where database_name = current_database() and not internal
), keyed as (
  select schema_name, table_name, constraint_column_names as names from duckdb_constraints()
  where database_name = current_database() and constraint_type = 'PRIMARY KEY'
)
select t.schema_name, t.table_name, c.column_name, c.data_type, c.is_nullable,
  coalesce(list_position(k.names, c.column_name), 0)
from kept as t
left join duckdb_columns() as c on c.database_name = current_database()
  and c.schema_name = t.schema_name and c.table_name = t.table_name
  and lower(t.table_name) in ('orders')
left join keyed as k on k.schema_name = t.schema_name and k.table_name = t.table_name
order by t.schema_name, t.table_name, c.column_index;

select
  count(*),
  count(*) - count("name"),
  cast(max("ordered_at") as varchar),
  cast(min("ordered_at") as varchar)
from "main"."orders";

select 0, count(*), 0 from "main"."orders" where "name" is null or "name" in ('n/a', '-')
union all
select 1, count(*), 0 from "main"."orders" where "status" not in ('open', 'it''s done')
union all
select 2, count(*), 0 from "main"."orders" where not regexp_matches("name", '^[A-Z][0-9A-Z\_a-z]+$')
union all
select 3, count(*), 0 from "main"."orders" where "qty" < 0
union all
select 4, count(*), 0 from "main"."orders" where "ordered_at" > timestamp '2023-12-31 23:00:00'
union all
select 5, count(*), 0 from "main"."orders" where length("name") > 40
union all
select 6, count(*), 0 from "main"."orders" where "qty" % 5 <> 0
union all
select 7, count(*), 0 from "main"."orders" where not regexp_matches("host", '^((25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])\.){3}(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])$')
union all
select 8, count(*), 0 from "main"."orders" where ("qty" is null) or ("qty" > 1000)
union all
select 9, count(*) filter (where "price" > 99.5), count(*) filter (where ("price" is not null and not coalesce(case when abs(cast("price" as double)) <= cast(1.0000000000000001e-11 as double) then true when abs(cast("price" as double)) >= cast(900719925474099.2 as double) then abs(cast("price" as double)) <= cast(1.7976931348623157e+308 as double) else abs(cast("price" as double) / cast(0.1 as double) - round(cast("price" as double) / cast(0.1 as double))) <= 1e-9 + 1e-15 * abs(cast("price" as double) / cast(0.1 as double)) end, false))) from "main"."orders";
