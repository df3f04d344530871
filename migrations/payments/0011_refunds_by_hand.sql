-- Those that wait for a person are found without reading those that have ended.
alter table refunds
    add key refunds_status (status, number);
