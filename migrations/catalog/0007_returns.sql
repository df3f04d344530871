-- Below `stock_minimum` pieces on hand, the seller is told; 0 asks for nothing.
alter table items
    add column stock_minimum bigint not null default 0,
    add constraint items_stock_minimum check (stock_minimum >= 0);

-- What came back of a line that was sold. When the whole sale is taken back, only the rest comes.
alter table reservation_lines
    add column returned bigint not null default 0,
    add constraint reservation_lines_returned check (returned between 0 and quantity);

-- The refunds whose goods are back: each once, however often it is asked for. There is no foreign key: a
-- return outlives the reservation of its order.
create table stock_returns (
    refund_id binary(16) not null primary key,
    order_id binary(16) not null,
    created_at bigint not null,
    key stock_returns_order (order_id)
);
