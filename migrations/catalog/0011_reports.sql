-- How often anything of an item has changed, its stock included (`version` counts what people change, for
-- If-Match): of two states of an item, a reader knows the newer one by it.
alter table items
    add column revision bigint unsigned not null default 1;

insert into outbox_lanes (consumer) values ('reports');
