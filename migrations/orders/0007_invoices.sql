-- What papers need of an order beside its lines: where its news go, in which language, and the company that
-- buys, in JSON, if it is one.
alter table orders
    add column email varchar(254) character set ascii collate ascii_general_ci not null default '',
    add column language char(2) character set ascii collate ascii_general_ci not null default 'fr',
    add column company text null;

-- Who sells, as papers say it: the shop (whose id is all zeros) and sellers with an identity of their own.
-- `identity` is JSON.
create table merchants (
    id binary(16) not null primary key,
    identity text not null,
    logo_sha256 binary(32) null,
    version int unsigned not null default 1,
    created_at bigint not null,
    updated_at bigint not null
);

-- Logos by what is in them, never changed: an invoice keeps the one that it was issued with.
create table logos (
    sha256 binary(32) not null primary key,
    image mediumblob not null,
    created_at bigint not null
);

-- The last number of each series. The transaction that issues a paper locks the row of its series until it
-- commits, so that numbers have no gaps and their instants never go back. A prefix stays its merchant's.
create table invoice_series (
    prefix varchar(20) character set ascii collate ascii_general_ci not null primary key,
    merchant_id binary(16) not null,
    kind varchar(16) character set ascii collate ascii_general_ci not null,
    last_number bigint unsigned not null default 0,
    last_issued_at bigint not null default 0,
    constraint invoice_series_kind check (kind in ('invoice', 'credit_note'))
);

-- Papers that were issued: written once, never changed or removed. `snapshot` is everything a paper says and
-- `amounts` the bill or credit that it was made of, both in JSON; the digests tell whether a file is the one
-- that was issued. `subject_id` is the order that an invoice bills, or the refund that a credit note is for;
-- `original` is the invoice that a credit note corrects.
create table invoices (
    id bigint unsigned not null auto_increment primary key,
    number varchar(35) character set ascii collate ascii_general_ci not null,
    kind varchar(16) character set ascii collate ascii_general_ci not null,
    merchant_id binary(16) not null,
    order_id binary(16) not null,
    client_id binary(16) not null,
    subject_id binary(16) not null,
    original varchar(35) character set ascii collate ascii_general_ci null,
    issued_at bigint not null,
    net bigint not null,
    vat bigint not null,
    gross bigint not null,
    currency char(3) character set ascii collate ascii_general_ci not null,
    snapshot mediumtext not null,
    amounts mediumtext not null,
    logo_sha256 binary(32) null,
    xml_sha256 binary(32) not null,
    pdf_sha256 binary(32) not null,
    constraint invoices_number unique (number),
    constraint invoices_once unique (subject_id, merchant_id),
    key invoices_order (order_id, id),
    key invoices_issued (issued_at, id),
    key invoices_client (client_id, issued_at, id),
    key invoices_merchant (merchant_id, issued_at, id),
    constraint invoices_kind check (kind in ('invoice', 'credit_note')),
    constraint invoices_original check ((original is null) = (kind = 'invoice')),
    constraint invoices_amounts check (net + vat = gross and gross >= 0),
    constraint invoices_merchant_fk foreign key (merchant_id) references merchants (id),
    constraint invoices_order_fk foreign key (order_id) references orders (id),
    constraint invoices_original_fk foreign key (original) references invoices (number),
    constraint invoices_logo_fk foreign key (logo_sha256) references logos (sha256)
);
