-- Two keys that differ only in capitals are two keys.
alter table idempotency_keys
    modify idempotency_key varchar(255) character set ascii collate ascii_bin not null;
