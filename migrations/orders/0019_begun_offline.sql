-- The payment by transfer or in cash that the customer has begun last, as payments has told: the word of a seller
-- that the money has come is about this one.
alter table orders
    add column begun_offline binary(16) null;
