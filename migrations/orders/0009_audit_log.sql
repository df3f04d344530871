-- What people and keys have written: who, what, each field before and after, in which request; added to by the
-- transaction of the work, and never changed or removed (crates/service/src/audit.rs). `subject` is the path of
-- the thing, and `changes` is JSON. There is no foreign key: an entry outlives what it is about.
create table audit_log (
    id bigint unsigned not null auto_increment primary key,
    occurred_at bigint not null,
    user_id binary(16) not null,
    role varchar(16) character set ascii collate ascii_general_ci not null,
    key_id binary(16) null,
    action varchar(64) character set ascii collate ascii_general_ci not null,
    subject varchar(200) character set ascii collate ascii_general_ci not null,
    request_id varchar(64) character set ascii collate ascii_general_ci not null,
    changes mediumtext not null,
    key audit_log_subject (subject, id),
    key audit_log_user (user_id, id)
);
