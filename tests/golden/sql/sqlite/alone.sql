select 'main', t.name, c.name, c.type, not c."notnull" and c.pk = 0, c.pk
from sqlite_master as t
left join pragma_table_xinfo(case when t.name collate nocase in ('orders') then t.name end) as c on c.hidden <> 1
where t.type in ('table', 'view') and t.name not like 'sqlite\_%' escape '\'
order by t.name, c.cid;

select 1 from "orders" limit 1;

select * from (
select count(*) from orders where qty > 1 -- many
) as asked
limit 2;
