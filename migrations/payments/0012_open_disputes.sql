-- The oldest dispute that is open still is where looking through the provider's list of them ends.
alter table disputes
    add key disputes_open (status, opened_at);
