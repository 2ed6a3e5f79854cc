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
  cast(max(struct_extract("meta", 'updated_at')) as varchar)
from "main"."orders";

select
  count(*) filter (where ("address" is not null and struct_extract("address", 'street') is null)),
  count(*) filter (where (len(list_filter("lines", lambda i0: not regexp_matches(struct_extract(i0, 'sku'), '^[A-Z]+$'))) > 0)),
  count(*) filter (where (len(list_filter("lines", lambda i0: struct_extract(i0, 'qty') < 1)) > 0)),
  count(*) filter (where (len(list_filter("tags", lambda i0: i0 not in ('new', 'it''s done'))) > 0)),
  count(*) filter (where (len(list_filter(map_keys("prices"), lambda i0: not regexp_matches(i0, '^[A-Z]{3}$'))) > 0)),
  count(*) filter (where (len(list_filter(map_values("prices"), lambda i0: i0 < 0)) > 0))
from "main"."orders";

select
  count(struct_extract("address", 'street')) - count(distinct struct_extract("address", 'street'))
from "main"."orders";
