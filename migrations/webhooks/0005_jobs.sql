-- Who runs which job while Redis is away, which otherwise says so (crates/service/src/jobs/lease.rs): a job is
-- free when `leased_until` is past, and due when `due_at` is.
create table job_leases (
    name varchar(64) character set ascii collate ascii_general_ci not null primary key,
    token char(32) character set ascii collate ascii_general_ci not null default '',
    leased_until bigint not null default 0,
    due_at bigint not null default 0
);

-- Answers that were kept for an `Idempotency-Key` had the secret of the webhook in them; they have it no more.
delete from idempotency_keys where body like '%whsec\_%';
