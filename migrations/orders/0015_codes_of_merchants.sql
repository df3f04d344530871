-- A code belongs to the merchant who gives it out: two may give out the same one. One that was taken back keeps
-- its row, so that its uses count if it is given out again.
alter table discounts
    drop primary key,
    drop key discounts_merchant,
    add primary key (merchant_id, code),
    add key discounts_code (code, merchant_id),
    add column once_per_customer boolean not null default false,
    add column removed boolean not null default false;

-- The orders that have a code and did not end unpaid: what `uses` counts, each once.
create table discount_uses (
    order_id binary(16) not null,
    merchant_id binary(16) not null,
    code varchar(30) character set ascii collate ascii_general_ci not null,
    customer_id binary(16) not null,
    primary key (order_id, merchant_id, code),
    key discount_uses_customer (code, customer_id, merchant_id)
);

insert into discount_uses (order_id, merchant_id, code, customer_id)
    select o.id, d.merchant_id, d.code, o.client_id
    from orders o
    cross join json_table(o.sales, '$[*]' columns (code varchar(30) path '$.discount.code')) s
    join discounts d on d.code = s.code
    where o.paid_at is not null or o.status not in ('cancelled', 'expired');
