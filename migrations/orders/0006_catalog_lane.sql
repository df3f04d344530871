-- The catalogue is told of orders that have ended, so that their stock goes back whatever is interrupted.
insert into outbox_lanes (consumer) values ('catalog');
