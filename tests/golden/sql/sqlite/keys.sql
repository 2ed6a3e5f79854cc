select 'main', t.name, c.name, c.type, not c."notnull" and c.pk = 0, c.pk
from sqlite_master as t
left join pragma_table_xinfo(case when t.name collate nocase in ('orders', 'other.parents', 'parents') then t.name end) as c on c.hidden <> 1
where t.type in ('table', 'view') and t.name not like 'sqlite\_%' escape '\'
order by t.name, c.cid;

select
  count(*) filter (where not floe_matches('a', "name"))
from "orders";

select 0, count(*), coalesce(sum(n - 1), 0), coalesce(sum(n), 0) from (
  select count(*) as n from "orders"
  where "name" is not null
  group by "name"
  having count(*) > 1
) as duplicated
union all
select 1, coalesce(sum(n - 1), 0), 0, 0 from (
  select count(*) as n from "orders"
  where "name" is not null and "qty" is not null
  group by "name", "qty"
  having count(*) > 1
) as duplicated;

select count(*) from "orders"
where "name" is not null and "qty" is not null
  and ("name", "qty") not in (select "id", "part" from "parents" where "id" is not null and "part" is not null);
