-- The answers to requests that carried a key, kept for 24 hours; `scope` is who asked.
create table idempotency_keys (
    scope binary(16) not null,
    idempotency_key varchar(255) character set ascii collate ascii_general_ci not null,
    request_digest binary(32) not null,
    status smallint unsigned not null,
    location varchar(255) character set ascii collate ascii_general_ci null,
    etag varchar(64) character set ascii collate ascii_general_ci null,
    body mediumtext not null,
    expires_at bigint not null,
    primary key (scope, idempotency_key),
    key idempotency_keys_expiry (expires_at)
);
