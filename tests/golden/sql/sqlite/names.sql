select 'main', t.name, c.name, c.type, not c."notnull" and c.pk = 0, c.pk
from sqlite_master as t
left join pragma_table_xinfo(case when t.name collate nocase in ('orders') then t.name end) as c on c.hidden <> 1
where t.type in ('table', 'view') and t.name not like 'sqlite\_%' escape '\'
order by t.name, c.cid;

select
  count(*) filter (where case coalesce(json_type(case when json_valid("a""; drop table t; --") then "a""; drop table t; --" else json_quote("a""; drop table t; --") end), 'null') when 'object' then case coalesce((select m.type from (select case when json_valid("a""; drop table t; --") then "a""; drop table t; --" else json_quote("a""; drop table t; --") end as json) as whole, json_each(whole.json, '$') as m where m.key = 'b"' limit 1), 'null') when 'array' then exists (select 1 from (select (select m.value from (select case when json_valid("a""; drop table t; --") then "a""; drop table t; --" else json_quote("a""; drop table t; --") end as json) as whole, json_each(whole.json, '$') as m where m.key = 'b"' limit 1) as json) as whole, json_each(whole.json, '$') as i0 where case coalesce(i0.type, 'null') when 'object' then case coalesce((select m.type from (select i0.value as json) as whole, json_each(whole.json, '$') as m where m.key = 'c''; drop table t; --' limit 1), 'null') when 'object' then coalesce((select m.type from (select (select m.value from (select i0.value as json) as whole, json_each(whole.json, '$') as m where m.key = 'c''; drop table t; --' and m.type = 'object' limit 1) as json) as whole, json_each(whole.json, '$') as m where m.key = '$.\ü' limit 1), 'null') = 'null' when 'null' then 0 else 1 end when 'null' then 0 else 1 end) when 'null' then 0 else 1 end when 'null' then 0 else 1 end),
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
