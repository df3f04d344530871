-- Who sold which lines of what was paid, less what discount, plus what shipping, in JSON; with the rate of each
-- line, what a refund comes to is worked out from it. Null for payments made before this was kept, for which
-- one merchant sold everything at its price.
alter table payments add column sales mediumtext null;
alter table payment_lines add column vat_rate smallint unsigned not null default 0;

-- What a refund takes off each sale, in JSON, and whether it was asked to give shipping back. Null for refunds
-- made before this was kept.
alter table refunds
    add column credits mediumtext null,
    add column shipping boolean not null default false;
