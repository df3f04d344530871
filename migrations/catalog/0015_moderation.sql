-- A review that staff has hidden, on which ground and why, as its author is told (Regulation (EU) 2022/2065,
-- art. 17): only the author and admins see it, and it does not count in the average.
alter table reviews
    add column hidden_at bigint null,
    add column hidden_ground varchar(16) character set ascii collate ascii_general_ci null,
    add column hidden_reason varchar(500) null,
    add constraint reviews_ground check (hidden_ground in ('illegal', 'terms')),
    add constraint reviews_hidden check ((hidden_at is null) = (hidden_ground is null)
        and (hidden_at is null) = (hidden_reason is null));

-- What people have reported of reviews (art. 16), once each, and what admins made of it.
create table review_reports (
    id binary(16) not null primary key,
    review_id binary(16) not null,
    item_id binary(16) not null,
    reporter_id binary(16) not null,
    reason varchar(1000) not null,
    decision varchar(16) character set ascii collate ascii_general_ci null,
    created_at bigint not null,
    decided_at bigint null,
    constraint review_reports_once unique (review_id, reporter_id),
    key review_reports_open (decided_at, id),
    constraint review_reports_decision check (decision in ('hidden', 'kept')),
    constraint review_reports_decided check ((decision is null) = (decided_at is null)),
    constraint review_reports_review foreign key (review_id) references reviews (id) on delete cascade
);
