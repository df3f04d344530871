-- Reports are told of orders that have new papers.
insert into outbox_lanes (consumer) values ('reports');
