-- Who delivers an item, and what it is called between shops and suppliers. A `sku` names one item, whatever
-- its capitals; a deleted item gives it back. Past `stock_maximum` pieces on hand no restock is taken; null
-- sets no limit. There is no foreign key to suppliers: they are accounts, and those are in another schema.
alter table items
    add column sku varchar(64) character set ascii collate ascii_general_ci null,
    add column supplier_id binary(16) null,
    add column stock_maximum bigint null,
    add constraint items_sku unique (sku),
    add key items_supplier (supplier_id, id),
    add constraint items_stock_maximum check (stock_maximum >= stock_minimum);

-- What suppliers have delivered: each once, however often it is told, by the supplier's own `reference`.
-- `request_digest` knows a reference that is used for something else. The purchase order, if the delivery is
-- for one, is a row of the service `suppliers`.
create table restocks (
    id binary(16) not null primary key,
    supplier_id binary(16) not null,
    reference varchar(64) character set ascii collate ascii_bin not null,
    request_digest binary(32) not null,
    purchase_order_id binary(16) null,
    created_at bigint not null,
    constraint restocks_reference unique (supplier_id, reference)
);

-- One item may come in several lots. `balance` is what the item had after the whole delivery.
create table restock_lines (
    restock_id binary(16) not null,
    position smallint unsigned not null,
    item_id binary(16) not null,
    quantity bigint not null,
    unit_cost bigint null,
    currency char(3) character set ascii collate ascii_general_ci null,
    lot varchar(64) null,
    balance bigint not null,
    primary key (restock_id, position),
    key restock_lines_item (item_id),
    constraint restock_lines_restock_fk foreign key (restock_id) references restocks (id),
    constraint restock_lines_item_fk foreign key (item_id) references items (id),
    constraint restock_lines_quantity check (quantity > 0),
    constraint restock_lines_cost check (unit_cost >= 0)
);

-- The delivery that moved the stock, if one did.
alter table stock_movements
    add column restock_id binary(16) null;

insert into outbox_lanes (consumer) values ('suppliers');
