-- People. `email` is kept in lower case and ASCII, so that its unique key is without regard to case on
-- every server. `version` counts the changes that a client may make conditional (ETag).
create table users (
    id binary(16) not null primary key,
    email varchar(254) character set ascii collate ascii_general_ci not null,
    password_hash varchar(255) character set ascii collate ascii_general_ci not null,
    first_name varchar(100) not null,
    last_name varchar(100) not null,
    role varchar(16) character set ascii collate ascii_general_ci not null,
    disabled boolean not null default false,
    version int unsigned not null default 1,
    created_at bigint not null,
    updated_at bigint not null,
    constraint users_email unique (email),
    constraint users_role check (role in ('client', 'seller', 'admin', 'supplier'))
);
