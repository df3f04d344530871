-- What is known of the disputes about the money of an order at its provider, as of the event that told of it: while
-- one is open, the order waits.
alter table orders
    add column dispute varchar(8) character set ascii collate ascii_general_ci null,
    add column dispute_at bigint null,
    add constraint orders_dispute check (dispute in ('open', 'won', 'lost')),
    add constraint orders_dispute_at check ((dispute is null) = (dispute_at is null));
