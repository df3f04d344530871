-- What clients think of items: one review a client and item. The item's counters change with it, in the
-- same transaction. Whether the author has bought the item is read from the reservations.
create table reviews (
    id binary(16) not null primary key,
    item_id binary(16) not null,
    client_id binary(16) not null,
    rating tinyint unsigned not null,
    comment text not null,
    version int unsigned not null default 1,
    created_at bigint not null,
    updated_at bigint not null,
    key reviews_item (item_id, id),
    constraint reviews_author unique (item_id, client_id),
    constraint reviews_item_fk foreign key (item_id) references items (id),
    constraint reviews_rating check (rating between 1 and 5)
);
