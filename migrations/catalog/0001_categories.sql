-- What the items are sorted into. The collation of the schema makes `name` unique without regard to case
-- and accents. A category that is not enabled hides its items from people and keeps them from being sold.
-- `version` counts the changes that a client may make conditional (ETag).
create table categories (
    id binary(16) not null primary key,
    name varchar(100) not null,
    description text not null,
    enabled boolean not null default true,
    version int unsigned not null default 1,
    created_at bigint not null,
    updated_at bigint not null,
    constraint categories_name unique (name)
);
