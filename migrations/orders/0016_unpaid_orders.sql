-- How many units an order is of, and from which network it was placed, by a digest that is kept until the order
-- is paid or has ended: what one customer, or everybody behind one address, holds unpaid is bounded.
alter table orders
    add column units bigint not null default 0,
    add column network binary(8) null,
    add key orders_unpaid (client_id, status, created_at),
    add key orders_network (network, status, expires_at);

update orders o set o.units = (select coalesce(sum(l.quantity), 0) from order_lines l where l.order_id = o.id);

-- One row for each customer who has ordered: those who order twice at once take turns by it.
create table order_holders (
    customer_id binary(16) not null primary key
);
