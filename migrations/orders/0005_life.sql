-- The whole life of an order. `status` is the stage that it has reached; whether it is shown as refunded is
-- worked out from the stage and the money (components/orders/src/life.rs), and stored nowhere twice.
alter table orders drop constraint orders_status;

-- `refunded` is the part of `gross` that went back. `paid_by` is the payment that paid it; `payment_id`,
-- `payment_status` and `payment_at` are what is shown of its newest one, as of the event that told of it.
alter table orders
    add column refunded bigint not null default 0,
    add column paid_by binary(16) null,
    add column payment_id binary(16) null,
    add column payment_status varchar(32) character set ascii collate ascii_general_ci null,
    add column payment_at bigint null,
    add column carrier varchar(100) null,
    add column tracking_number varchar(100) null,
    add column shipped_at bigint null,
    add column delivered_at bigint null,
    add constraint orders_stage check (status in ('awaiting_payment', 'paid', 'preparing', 'shipped',
        'delivered', 'cancelled', 'expired')),
    add constraint orders_refunded check (refunded between 0 and gross),
    add constraint orders_refund_of_paid check (refunded = 0 or paid_at is not null),
    add constraint orders_shipment check ((carrier is null) = (shipped_at is null)
        and (tracking_number is null) = (shipped_at is null)
        and (delivered_at is null or shipped_at is not null));

-- The refunds that `refunded` counts: each once, however often it is told.
create table order_refunds (
    refund_id binary(16) not null primary key,
    order_id binary(16) not null,
    amount bigint not null,
    created_at bigint not null,
    key order_refunds_order (order_id),
    constraint order_refunds_amount check (amount > 0),
    constraint order_refunds_order_fk foreign key (order_id) references orders (id)
);

-- Why it happened: what a person wrote, or one of the words that the service uses. `payment_id` is there
-- where the event is about a payment.
alter table order_events
    add column reason varchar(500) null,
    add column payment_id binary(16) null;
