-- What orders are looked for by: each filter of their list walks one of these.
alter table orders
    add key orders_email (email, order_number),
    add key orders_status (status, order_number),
    add key orders_refunded (refunded, order_number),
    add key orders_created (created_at, order_number);
