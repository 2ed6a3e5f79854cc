select 'main', t.name, c.name, c.type, not c."notnull" and c.pk = 0, c.pk
from sqlite_master as t
left join pragma_table_xinfo(case when t.name collate nocase in ('orders') then t.name end) as c on c.hidden <> 1
where t.type in ('table', 'view') and t.name not like 'sqlite\_%' escape '\'
order by t.name, c.cid;

select
  count(*) - count("a""; drop table t; --"),
  count(*) filter (where "select" not in ('''; drop table t; --', '\', '%s', '${x}'))
from "orders";

select
  coalesce(sum(n - 1), 0)
from (
  select count(*) as n from "orders"
  where "Größe (cm)" is not null
  group by "Größe (cm)"
  having count(*) > 1
) as duplicated;
