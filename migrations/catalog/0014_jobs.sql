-- Who runs which job while Redis is away, which otherwise says so (crates/service/src/jobs/lease.rs): a job is
-- free when `leased_until` is past, and due when `due_at` is.
create table job_leases (
    name varchar(64) character set ascii collate ascii_general_ci not null primary key,
    token char(32) character set ascii collate ascii_general_ci not null default '',
    leased_until bigint not null default 0,
    due_at bigint not null default 0
);

-- An event that its consumer refuses is set aside: `attempts` counts how often, `last_reason` says why, and the
-- later ones of its aggregate wait for it. `written_at` tells how long an event has waited; rows of before this
-- column do not say.
alter table outbox
    add column last_reason varchar(500) null,
    add column written_at bigint null,
    add key outbox_set_aside (attempts, consumer);

-- Until when a line holds stock, or the last instant of the year 9999 for one that holds none. What is past its
-- time counts as free before anybody has swept it, so the holds of an item are found by this key, the earliest
-- first; and it serves the foreign key that the one before it did.
alter table reservation_lines
    add column held_until bigint not null default 253402300799999,
    add key reservation_lines_held (item_id, held_until, quantity),
    drop key reservation_lines_items;

update reservation_lines l join reservations r on r.order_id = l.order_id
    set l.held_until = r.expires_at where r.state = 'held';
