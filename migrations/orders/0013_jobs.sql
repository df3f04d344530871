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
