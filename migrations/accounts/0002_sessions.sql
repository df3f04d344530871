-- One row a sign-in: the family of refresh tokens that descend from it. Only the digest of the newest
-- token is kept; one that names the family and has another digest was used before, and ends it.
create table sessions (
    id binary(16) not null primary key,
    user_id binary(16) not null,
    token_digest binary(32) not null,
    expires_at bigint not null,
    ended_at bigint null,
    created_at bigint not null,
    key sessions_user (user_id),
    constraint sessions_user_fk foreign key (user_id) references users (id) on delete cascade
);
