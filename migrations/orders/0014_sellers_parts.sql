-- How refunds fall on those who sold the lines, so that a seller sees what went back of theirs and nothing else.
-- `is_all` says that nobody else's lines or shipping are part of the refund.
create table order_refund_parts (
    refund_id binary(16) not null,
    seller_id binary(16) not null,
    order_id binary(16) not null,
    amount bigint not null,
    is_all boolean not null,
    primary key (refund_id, seller_id),
    key order_refund_parts_order (order_id, seller_id),
    constraint order_refund_parts_amount check (amount >= 0),
    constraint order_refund_parts_refund foreign key (refund_id) references order_refunds (refund_id)
);

-- The event that tells of a refund.
alter table order_refunds add column event_id binary(16) null;
