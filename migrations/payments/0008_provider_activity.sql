-- What began at the provider is found by what the provider calls the payment.
alter table payments
    add key payments_provider_ref (provider_ref);

-- Disputes (chargebacks) of payments, as the provider tells of them. The id is derived from the payment and
-- `provider_ref`, which is what the provider calls the dispute; `opened_at` is the provider's instant.
create table disputes (
    id binary(16) not null primary key,
    number bigint unsigned not null auto_increment,
    payment_id binary(16) not null,
    provider_ref varchar(255) character set ascii collate ascii_general_ci not null,
    status varchar(8) character set ascii collate ascii_general_ci not null,
    amount bigint not null,
    currency char(3) character set ascii collate ascii_general_ci not null,
    reason varchar(100) not null,
    opened_at bigint not null,
    updated_at bigint not null,
    constraint disputes_number unique (number),
    key disputes_payment (payment_id, number),
    constraint disputes_status check (status in ('open', 'won', 'lost')),
    constraint disputes_payment_fk foreign key (payment_id) references payments (id)
);

-- Up to which instant of the provider's its refunds and disputes were looked through, for webhooks that were lost.
create table provider_cursors (
    kind varchar(16) character set ascii collate ascii_general_ci not null primary key,
    seen_until bigint not null,
    constraint provider_cursors_kind check (kind in ('refunds', 'disputes'))
);

insert into provider_cursors (kind, seen_until) values ('refunds', 0), ('disputes', 0);
