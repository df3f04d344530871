-- A key is good as long as its owner is a supplier: it ends when the account is disabled or gets another role.
-- `owner_generation` is the generation of the account (accounts counts it up with each such change) when the key
-- was made; a change that is told late ends only what was made before it.
alter table api_keys
    add column owner_generation bigint unsigned not null default 0;

-- The last change of each account by which it is no supplier. There is no foreign key: accounts are in another
-- schema.
create table ended_suppliers (
    user_id binary(16) not null primary key,
    generation bigint unsigned not null
);
