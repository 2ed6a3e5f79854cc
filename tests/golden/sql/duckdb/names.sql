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
  count(*) - count("a""; drop table t; --")
from "main"."orders";

select 0, count(*) from "main"."orders" where "select" not in ('''; drop table t; --', '\', '%s', '${x}')
union all
select 1, count(*) filter (where (len(list_filter(struct_extract("a""; drop table t; --", 'b"'), lambda i0: (struct_extract(i0, 'c''; drop table t; --') is not null and struct_extract(struct_extract(i0, 'c''; drop table t; --'), '$.\ü') is null))) > 0)) from "main"."orders";

select
  count("Größe (cm)") - count(distinct "Größe (cm)")
from "main"."orders";
