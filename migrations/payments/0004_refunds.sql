-- Money given back. The id is derived from who asked and the idempotency key, or from the payment for an
-- automatic one, and it is the provider's idempotency key too; `actor_id` is null for an automatic one, whose
-- `reason` is then a code. A pending refund is part of `payments.refunding`; `check_at` is when to take it up
-- again, null once it has ended.
create table refunds (
    id binary(16) not null primary key,
    number bigint unsigned not null auto_increment,
    payment_id binary(16) not null,
    status varchar(16) character set ascii collate ascii_general_ci not null,
    amount bigint not null,
    reason varchar(500) not null,
    restock boolean not null,
    actor_id binary(16) null,
    provider_ref varchar(255) character set ascii collate ascii_general_ci null,
    failure varchar(500) null,
    attempts int unsigned not null default 0,
    check_at bigint null,
    created_at bigint not null,
    updated_at bigint not null,
    constraint refunds_number unique (number),
    key refunds_payment (payment_id, number),
    key refunds_check (check_at),
    constraint refunds_status check (status in ('pending', 'succeeded', 'failed')),
    constraint refunds_amount check (amount > 0),
    constraint refunds_payment_fk foreign key (payment_id) references payments (id)
);

-- The lines that a refund gives back, if it was asked for by lines or is of everything.
create table refund_lines (
    refund_id binary(16) not null,
    item_id binary(16) not null,
    quantity bigint not null,
    primary key (refund_id, item_id),
    constraint refund_lines_quantity check (quantity between 1 and 9999),
    constraint refund_lines_refund foreign key (refund_id) references refunds (id)
);
