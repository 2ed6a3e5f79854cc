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
  and lower(t.table_name) in ('orders', 'other.parents', 'parents')
left join keyed as k on k.schema_name = t.schema_name and k.table_name = t.table_name
order by t.schema_name, t.table_name, c.column_index;

select
  count(*) filter (where not regexp_matches("name", 'a')),
  count(*) filter (where "name" is not null) - count(distinct hash("name")) filter (where "name" is not null),
  count(*) filter (where "name" is not null and "qty" is not null) - count(distinct hash("name", "qty")) filter (where "name" is not null and "qty" is not null)
from "main"."orders";

select count(*) from "main"."orders" as c
where c."name" is not null and c."qty" is not null
  and not exists (select 1 from "other"."parents" as p where p."id" = c."name" and p."part" = c."qty");

select
  count(*),
  coalesce(sum(n - 1), 0),
  coalesce(sum(n), 0)
from (
  select count(*) as n from "main"."orders"
  where "name" is not null
  group by "name"
  having count(*) > 1
) as duplicated;

select
  coalesce(sum(n - 1), 0)
from (
  select count(*) as n from "main"."orders"
  where "name" is not null and "qty" is not null
  group by "name", "qty"
  having count(*) > 1
) as duplicated;
