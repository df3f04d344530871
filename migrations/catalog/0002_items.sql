-- What is sold. `price` is in minor units, VAT included; `vat_rate` in basis points.
--
-- `reserved` is the part of `on_hand` that orders hold: what is left to sell is the difference, and no
-- statement can sell more, because the check refuses it. `on_hand` is the sum of the item's movements.
--
-- `average_rating` is in hundredths, rounded half up, 0 without a review: it follows the two counters by
-- itself and carries the index for sorting.
--
-- `search_text` holds the words of name and description, each behind `__`: so that the full-text index
-- skips none for being short or a stop word (the server's limits cannot be set from here).
--
-- A deleted item stays for the orders and movements that name it. It has no category any more, so that
-- the category can be deleted in its turn.
create table items (
    id binary(16) not null primary key,
    seller_id binary(16) not null,
    category_id binary(16) null,
    name varchar(200) not null,
    description text not null,
    search_text mediumtext not null,
    price bigint not null,
    currency char(3) character set ascii collate ascii_general_ci not null,
    vat_rate smallint unsigned not null,
    on_hand bigint not null default 0,
    reserved bigint not null default 0,
    rating_sum bigint not null default 0,
    rating_count int unsigned not null default 0,
    average_rating smallint unsigned as (
        case when rating_count = 0 then 0 else (200 * rating_sum + rating_count) div (2 * rating_count) end
    ) stored,
    version int unsigned not null default 1,
    created_at bigint not null,
    updated_at bigint not null,
    deleted_at bigint null,
    key items_price (price, id),
    key items_rating (average_rating, id),
    key items_category_price (category_id, price, id),
    key items_category_rating (category_id, average_rating, id),
    key items_category (category_id, id),
    key items_seller (seller_id, id),
    fulltext key items_words (search_text),
    constraint items_category_fk foreign key (category_id) references categories (id),
    constraint items_live_has_category check (deleted_at is not null or category_id is not null),
    constraint items_price_not_negative check (price >= 0),
    constraint items_reserved_not_negative check (reserved >= 0),
    constraint items_stock_covers_reserved check (on_hand >= reserved)
);
