-- The ledger of stock: rows are only ever added, and those of an item add up to its `on_hand`.
-- `balance` is what the item had after the movement; `order_id` is there where an order moved it.
create table stock_movements (
    id binary(16) not null primary key,
    item_id binary(16) not null,
    delta bigint not null,
    reason varchar(200) not null,
    order_id binary(16) null,
    actor_id binary(16) not null,
    balance bigint not null,
    created_at bigint not null,
    key stock_movements_item (item_id, id),
    constraint stock_movements_item_fk foreign key (item_id) references items (id),
    constraint stock_movements_delta check (delta <> 0),
    constraint stock_movements_balance check (balance >= 0)
);

-- What an order holds until it is paid. The order's id is the key, so that a repeated request meets the
-- first one's row. `held` ends as `committed` (sold), `released` (given back, also after it was sold) or
-- `expired` (given back because `expires_at` has passed).
create table reservations (
    order_id binary(16) not null primary key,
    client_id binary(16) not null,
    state varchar(16) character set ascii collate ascii_general_ci not null,
    expires_at bigint not null,
    created_at bigint not null,
    updated_at bigint not null,
    key reservations_due (state, expires_at),
    key reservations_client (client_id, state),
    constraint reservations_state check (state in ('held', 'committed', 'released', 'expired'))
);

-- The lines of a reservation, with what the items were when it was made: the order is written from these.
create table reservation_lines (
    order_id binary(16) not null,
    position smallint unsigned not null,
    item_id binary(16) not null,
    quantity bigint not null,
    name varchar(200) not null,
    unit_price bigint not null,
    currency char(3) character set ascii collate ascii_general_ci not null,
    vat_rate smallint unsigned not null,
    seller_id binary(16) not null,
    primary key (order_id, position),
    constraint reservation_lines_item unique (order_id, item_id),
    key reservation_lines_items (item_id),
    constraint reservation_lines_order_fk foreign key (order_id) references reservations (order_id),
    constraint reservation_lines_item_fk foreign key (item_id) references items (id),
    constraint reservation_lines_quantity check (quantity > 0)
);
