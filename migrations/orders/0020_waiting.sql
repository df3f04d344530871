-- The payment whose money is on its way at a provider, for which an order waits longer than for a card.
alter table orders
    add column processing binary(16) null;

update orders set processing = payment_id
where status = 'awaiting_payment' and payment_status = 'processing';

-- What lapsed lately is found by when it lapsed, and the network of an order is kept no longer than it is unpaid.
alter table orders
    drop key orders_unpaid,
    add key orders_unpaid (client_id, status, expires_at);

update orders set network = null
where network is not null and status <> 'awaiting_payment';
