-- Events on their way to other services: one row for each that is to be told, written by the transaction in
-- which the event happened and removed when it was taken (crates/service/src/outbox.rs). `body` is the event
-- in JSON. Those of an aggregate are handed over in the order of `sequence`; `due_at` moves on when one is
-- refused. There is no foreign key: an event outlives what it is about.
create table outbox (
    sequence bigint unsigned not null auto_increment primary key,
    consumer varchar(16) character set ascii collate ascii_general_ci not null,
    event_id binary(16) not null,
    aggregate_id binary(16) not null,
    body mediumtext not null,
    attempts int unsigned not null default 0,
    due_at bigint not null,
    key outbox_lane (consumer, sequence),
    key outbox_aggregate (consumer, aggregate_id, sequence)
);

-- Whoever relays to a consumer locks its row, so that one does at a time.
create table outbox_lanes (
    consumer varchar(16) character set ascii collate ascii_general_ci not null primary key
);

insert into outbox_lanes (consumer) values ('payments'), ('webhooks');
