-- Whether a subscriber is served: PENDING until his card is delivered, SUSPENDED while he is barred. The record's MAC
-- covers it.
alter table subscriber add column status text not null default 'ACTIVE'
    check (status in ('PENDING', 'ACTIVE', 'SUSPENDED'));
