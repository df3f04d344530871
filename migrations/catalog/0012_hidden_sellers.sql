-- Sellers whose products are hidden, as those of a disabled category are: their account is disabled, or may not
-- sell. Accounts tells; `generation` is that of the account, by which the newest of two changes is known. A seller
-- without a row sells. There is no foreign key: accounts are in another schema.
create table hidden_sellers (
    seller_id binary(16) not null primary key,
    generation bigint unsigned not null,
    hidden boolean not null
);
