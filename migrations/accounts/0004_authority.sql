-- What an account may do at this moment. `generation` counts how often that has changed (its role, whether it is
-- disabled, its password): an access token says in which one it was given, and is good for nothing that matters
-- in a later one (crates/service/src/authority.rs).
alter table users
    add column generation bigint unsigned not null default 1;

-- For some seconds the refresh token before the newest is answered with the newest again, because an answer may
-- be lost and two tabs may ask at once. It is not kept: it is derived from the one before.
alter table sessions
    add column previous_digest binary(32) null,
    add column rotated_at bigint null;

-- Who fails to sign in is nobody that is known.
alter table audit_log
    modify column user_id binary(16) null,
    modify column role varchar(16) character set ascii collate ascii_general_ci null;

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

-- Accounts tells itself too: what it tells Redis right after a transaction may be lost with the process.
insert into outbox_lanes (consumer) values ('accounts'), ('catalog'), ('suppliers');
