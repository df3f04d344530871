-- What is ordered from suppliers. `number` is what people say aloud. A supplier has one draft at a time, which
-- gathers what runs low until an admin approves it: `draft_of` lets there be no other.
create table purchase_orders (
    id binary(16) not null primary key,
    number bigint unsigned not null auto_increment,
    supplier_id binary(16) not null,
    status varchar(16) character set ascii collate ascii_general_ci not null,
    draft_of binary(16) as (case when status = 'draft' then supplier_id end) stored,
    carrier varchar(100) null,
    tracking_number varchar(100) null,
    created_at bigint not null,
    approved_at bigint null,
    confirmed_at bigint null,
    shipped_at bigint null,
    received_at bigint null,
    cancelled_at bigint null,
    key purchase_orders_supplier (supplier_id, id),
    key purchase_orders_status (status, id),
    constraint purchase_orders_number unique (number),
    constraint purchase_orders_one_draft unique (draft_of),
    constraint purchase_orders_status_known
        check (status in ('draft', 'approved', 'confirmed', 'shipped', 'received', 'cancelled'))
);

-- An item stands on one open order at most: `open_item` is its id until the order is received or cancelled.
-- `event_id` is the event that asked for it, so that an event that comes twice asks once. Name and SKU are
-- those of that moment.
create table purchase_order_lines (
    purchase_order_id binary(16) not null,
    item_id binary(16) not null,
    open_item binary(16) null,
    event_id binary(16) not null,
    name varchar(200) not null,
    sku varchar(64) null,
    quantity bigint not null,
    received bigint not null default 0,
    primary key (purchase_order_id, item_id),
    constraint purchase_order_lines_open unique (open_item),
    constraint purchase_order_lines_event unique (event_id),
    constraint purchase_order_lines_order_fk foreign key (purchase_order_id) references purchase_orders (id),
    constraint purchase_order_lines_quantity check (quantity > 0),
    constraint purchase_order_lines_received check (received >= 0)
);

-- The deliveries that have been counted for an order: each once, however often it is told. What was in them
-- is the catalogue's.
create table purchase_order_receipts (
    restock_id binary(16) not null primary key,
    purchase_order_id binary(16) not null,
    reference varchar(64) not null,
    created_at bigint not null,
    constraint purchase_order_receipts_order_fk
        foreign key (purchase_order_id) references purchase_orders (id)
);
