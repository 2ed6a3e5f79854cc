select 'main', t.name, c.name, c.type, not c."notnull" and c.pk = 0, c.pk
from sqlite_master as t
left join pragma_table_xinfo(case when t.name collate nocase in ('orders') then t.name end) as c on c.hidden <> 1
where t.type in ('table', 'view') and t.name not like 'sqlite\_%' escape '\'
order by t.name, c.cid;

select
  count(*),
  count(*) - count("name"),
  count(*) filter (where "name" is null or "name" in ('n/a', '-')),
  count(*) filter (where "status" not in ('open', 'it''s done')),
  count(*) filter (where not floe_matches('^[A-Z]\w+$', "name")),
  count(*) filter (where "qty" < 0),
  count(*) filter (where "price" > 99.5),
  count(*) filter (where floe_wall("ordered_at", 'UTC') > 1704063600000000),
  count(*) filter (where length("name") > 40),
  count(*) filter (where "qty" % 5 <> 0),
  count(*) filter (where ("price" is not null and not coalesce(case when abs(cast("price" as real)) <= cast(1.0000000000000001e-11 as real) then 1 when abs(cast("price" as real)) >= cast(900719925474099.2 as real) then abs(cast("price" as real)) <= cast(1.7976931348623157e+308 as real) else abs(cast("price" as real) / cast(0.1 as real) - round(cast("price" as real) / cast(0.1 as real))) <= 1e-9 + 1e-15 * abs(cast("price" as real) / cast(0.1 as real)) end, 0))),
  count(*) filter (where not floe_matches('^((25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])\.){3}(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])$', "host")),
  count(*) filter (where ("qty" is null) or ("qty" > 1000)),
  max(floe_instant("ordered_at", 'UTC')),
  min(floe_instant("ordered_at", 'Europe/Berlin'))
from "orders";
