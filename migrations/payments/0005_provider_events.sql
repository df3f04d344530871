-- Events of the provider that have been applied, each inserted by the transaction of its effect, so that one
-- that comes again changes nothing. They are kept for longer than the provider repeats them. Their ids
-- tell capitals from small letters.
create table provider_events (
    id varbinary(255) not null primary key,
    received_at bigint not null,
    key provider_events_age (received_at)
);
