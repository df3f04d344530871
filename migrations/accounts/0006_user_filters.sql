-- What people are looked for by: each filter of their list reads one of these.
alter table users
    add key users_role (role, id),
    add key users_first_name (first_name),
    add key users_last_name (last_name);
