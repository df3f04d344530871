-- Attempts at paying an order. The id is derived from the client and the idempotency key, so a second request
-- with the same key meets this row, and it is the provider's idempotency key too; `number` only puts them in
-- order. `live_order_id` is the order while the payment is live or has succeeded: an order has one such at
-- most. `provider_ref` is what the provider calls it, once that is known. `refunding` is the part of pending
-- refunds, so that what is given back never exceeds what was paid, whoever asks at once. `cancel_wanted` says
-- that the order needs no money any more, and the provider is to be told. `check_at` is when to ask the
-- provider what became of it, null when nothing more is expected.
create table payments (
    id binary(16) not null primary key,
    number bigint unsigned not null auto_increment,
    order_id binary(16) not null,
    live_order_id binary(16) null,
    client_id binary(16) not null,
    provider varchar(16) character set ascii collate ascii_general_ci not null,
    status varchar(32) character set ascii collate ascii_general_ci not null,
    amount bigint not null,
    currency char(3) character set ascii collate ascii_general_ci not null,
    refunded bigint not null default 0,
    refunding bigint not null default 0,
    provider_ref varchar(255) character set ascii collate ascii_general_ci null,
    client_secret varchar(255) character set ascii collate ascii_general_ci null,
    failure varchar(500) null,
    cancel_wanted boolean not null default false,
    version int unsigned not null default 1,
    attempts int unsigned not null default 0,
    check_at bigint null,
    created_at bigint not null,
    updated_at bigint not null,
    constraint payments_number unique (number),
    constraint payments_live unique (live_order_id),
    key payments_order (order_id, number),
    key payments_check (check_at),
    constraint payments_provider check (provider in ('stripe', 'offline')),
    constraint payments_status check (status in
        ('pending', 'requires_payment', 'processing', 'succeeded', 'failed', 'cancelled')),
    constraint payments_amount check (amount > 0),
    constraint payments_refunds check
        (refunded >= 0 and refunding >= 0 and refunded + refunding <= amount)
);

-- What was paid for, as it was when the payment was made; refunds of single lines count here.
create table payment_lines (
    payment_id binary(16) not null,
    item_id binary(16) not null,
    position int not null,
    seller_id binary(16) not null,
    unit_price bigint not null,
    quantity bigint not null,
    refunded_quantity bigint not null default 0,
    primary key (payment_id, item_id),
    constraint payment_lines_quantity check (quantity between 1 and 9999),
    constraint payment_lines_refunded check (refunded_quantity between 0 and quantity),
    constraint payment_lines_payment foreign key (payment_id) references payments (id)
);
