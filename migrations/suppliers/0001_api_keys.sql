-- Long-lived keys of suppliers' machines. Only SHA-256 of a key is stored, which is enough for 32 random bytes;
-- `hint` is its end, by which people know it. `scopes` are separated by spaces. `last_used_at` is true to the
-- minute. A key that is revoked stays, so that its id goes on naming something.
create table api_keys (
    id binary(16) not null primary key,
    supplier_id binary(16) not null,
    name varchar(100) not null,
    hint char(4) not null,
    key_digest binary(32) not null,
    scopes varchar(200) character set ascii collate ascii_general_ci not null,
    created_by binary(16) not null,
    created_at bigint not null,
    last_used_at bigint null,
    expires_at bigint null,
    revoked_at bigint null,
    key api_keys_supplier (supplier_id, id),
    constraint api_keys_digest unique (key_digest)
);
