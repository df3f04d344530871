-- The newest version of the order that has sold the reservation or given it back. A request that was long on
-- its way names an older one, and moves nothing.
alter table reservations
    add column order_version int unsigned not null default 0;
