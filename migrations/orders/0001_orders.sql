-- Orders. The id is derived from the client and the idempotency key, so a second request with the same
-- key meets this row; `order_number` is what people say aloud (gaps are allowed; invoices have numbers of
-- their own). `totals` and the addresses are snapshots in JSON. `expires_at` is the reservation's.
create table orders (
    id binary(16) not null primary key,
    order_number bigint unsigned not null auto_increment,
    client_id binary(16) not null,
    status varchar(32) character set ascii collate ascii_general_ci not null,
    shipping_address text not null,
    billing_address text not null,
    totals text not null,
    gross bigint not null,
    currency char(3) character set ascii collate ascii_general_ci not null,
    version int unsigned not null default 1,
    expires_at bigint not null,
    paid_at bigint null,
    created_at bigint not null,
    updated_at bigint not null,
    constraint orders_number unique (order_number),
    key orders_client (client_id, order_number),
    key orders_due (status, expires_at),
    constraint orders_status check (status in ('awaiting_payment', 'paid', 'cancelled', 'expired')),
    constraint orders_gross check (gross >= 0)
) auto_increment = 1001;

-- What was bought, as it was then: the catalogue may change or forget the item.
create table order_lines (
    order_id binary(16) not null,
    position int not null,
    item_id binary(16) not null,
    seller_id binary(16) not null,
    name varchar(200) not null,
    unit_price bigint not null,
    vat_rate smallint unsigned not null,
    quantity bigint not null,
    primary key (order_id, position),
    constraint order_lines_quantity check (quantity between 1 and 9999),
    constraint order_lines_order foreign key (order_id) references orders (id) on delete cascade
);

-- Whose lines an order has: a seller's list is one range of this key.
create table order_sellers (
    seller_id binary(16) not null,
    order_number bigint unsigned not null,
    order_id binary(16) not null,
    primary key (seller_id, order_number),
    key order_sellers_order (order_id),
    constraint order_sellers_order_fk foreign key (order_id) references orders (id) on delete cascade
);
