-- What happened to an order, written by the transaction in which it happened: its history, and the outbox
-- from which others are told. There is no foreign key: an event outlives its order.
create table order_events (
    id binary(16) not null primary key,
    order_id binary(16) not null,
    kind varchar(32) character set ascii collate ascii_general_ci not null,
    actor_id binary(16) null,
    created_at bigint not null,
    key order_events_order (order_id, id)
);
