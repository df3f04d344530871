-- The answers to requests that came with an `Idempotency-Key`, stored by the transaction that did the work
-- and replayed for 24 hours. `scope` is who asked; `request_digest` knows the request again.
create table idempotency_keys (
    scope binary(16) not null,
    idempotency_key varchar(255) character set ascii collate ascii_bin not null,
    request_digest binary(32) not null,
    status smallint unsigned not null,
    location varchar(255) null,
    etag varchar(64) null,
    body mediumtext not null,
    expires_at bigint not null,
    primary key (scope, idempotency_key),
    key idempotency_keys_expiry (expires_at)
);
