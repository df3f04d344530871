-- Who sells which lines of an order, less what discount, plus what shipping, in JSON: its bills are worked out
-- from this and the lines. Null for orders that were placed before this was kept, which had neither.
alter table orders add column sales mediumtext null after company;

-- Codes that take something off the lines of a merchant: a percentage or an amount. `uses` counts the orders
-- that have it, but for those that ended unpaid.
create table discounts (
    code varchar(30) character set ascii collate ascii_general_ci not null primary key,
    merchant_id binary(16) not null,
    percent smallint unsigned null,
    amount bigint null,
    minimum bigint not null,
    starts_at bigint not null,
    ends_at bigint null,
    max_uses int unsigned null,
    uses int unsigned not null default 0,
    version int unsigned not null default 1,
    created_at bigint not null,
    updated_at bigint not null,
    key discounts_merchant (merchant_id, code),
    constraint discounts_off check ((percent is null) <> (amount is null)),
    constraint discounts_percent check (percent between 1 and 100),
    constraint discounts_amount check (amount > 0),
    constraint discounts_minimum check (minimum >= 0),
    constraint discounts_time check (ends_at is null or ends_at > starts_at),
    constraint discounts_merchant_fk foreign key (merchant_id) references merchants (id)
);
