-- A seller proposes an identity of their own, and an admin approves it: until then nothing is sold or issued in
-- its name. `identity` is what was approved, `proposal` what waits; the prefixes of a seller's papers are made of
-- `number`.
alter table merchants
    modify column identity text null,
    add column proposal text null,
    add column number bigint unsigned not null auto_increment,
    add constraint merchants_number unique (number),
    add constraint merchants_said check (identity is not null or proposal is not null);
