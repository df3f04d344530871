-- Merchants' own addresses that are told of events.
--
-- `event_types` are their names separated by commas; without one it is told of all. Whoever is disabled is
-- so for a reason: `admin` (somebody said so), `gone` (it answered 410), `failing` (for days it answered
-- nothing good; `failing_since` says since when, and a success ends it).
--
-- Secrets are the bytes themselves and no digest of them, because every delivery is signed with them. They
-- open nothing of ours: whoever reads one could pass as this shop to that one address. The one before a
-- rotation signs too until it expires. (An answer that is kept for an `Idempotency-Key` has the secret in it,
-- for its 24 hours.)
create table webhooks (
    id binary(16) not null primary key,
    url varchar(2048) character set ascii collate ascii_general_ci not null,
    event_types varchar(255) character set ascii collate ascii_general_ci not null,
    description varchar(500) not null,
    enabled boolean not null default true,
    disabled_reason varchar(16) character set ascii collate ascii_general_ci null,
    secret binary(32) not null,
    previous_secret binary(32) null,
    previous_secret_expires_at bigint null,
    failing_since bigint null,
    version int unsigned not null default 1,
    created_at bigint not null,
    updated_at bigint not null,
    constraint webhooks_disabled_reason check (
        (enabled = true and disabled_reason is null) or (enabled = false and disabled_reason is not null)
    ),
    constraint webhooks_previous_secret check (
        (previous_secret is null) = (previous_secret_expires_at is null)
    )
);

-- What happened, once, however often it was told: the body as it is sent to everybody. An event that no
-- webhook wanted is not here, and after 30 days none is.
create table events (
    id binary(16) not null primary key,
    kind varchar(64) character set ascii collate ascii_general_ci not null,
    body mediumtext not null,
    received_at bigint not null,
    key events_age (received_at)
);

-- An event on its way to one webhook. `sequence` is the order in which events were received: one of an
-- aggregate is not sent to a webhook before the earlier ones have ended (`deliveries_lane`).
--
-- A pending one is due at `due_at`, which is moved on before it is sent: so whoever dies with it in hand
-- leaves it to the next. `attempts` counts the times that it was; `lease` is who took it last, and tells that
-- one's result from a late one of another attempt. There is no foreign key to the webhook: what became of its deliveries outlives
-- it until the events go.
create table deliveries (
    sequence bigint unsigned not null auto_increment primary key,
    id binary(16) not null,
    webhook_id binary(16) not null,
    event_id binary(16) not null,
    aggregate_id binary(16) not null,
    status varchar(16) character set ascii collate ascii_general_ci not null,
    attempts int unsigned not null default 0,
    due_at bigint not null,
    lease binary(16) null,
    attempted_at bigint null,
    response_status smallint unsigned null,
    error varchar(32) character set ascii collate ascii_general_ci null,
    created_at bigint not null,
    ended_at bigint null,
    constraint deliveries_id unique (id),
    key deliveries_due (status, due_at),
    key deliveries_lane (webhook_id, aggregate_id, status, sequence),
    key deliveries_of_webhook (webhook_id, status, sequence),
    key deliveries_list (webhook_id, sequence),
    key deliveries_event (event_id),
    constraint deliveries_event_fk foreign key (event_id) references events (id) on delete cascade,
    constraint deliveries_status check (status in ('pending', 'delivered', 'failed', 'cancelled')),
    constraint deliveries_end check ((status = 'pending') = (ended_at is null))
);
