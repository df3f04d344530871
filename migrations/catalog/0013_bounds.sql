-- Price times pieces on hand is added up over all items: however the two came to be, the product is a number of 64
-- bits. What people enter is bounded far below (ten billion euros an item).
alter table items
    add constraint items_price_bounded check (price <= 100000000),
    add constraint items_on_hand_bounded check (on_hand <= 10000000000);
