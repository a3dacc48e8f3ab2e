-- Versions of the storage keys SK-n and SKH-n. One is current; one at most retires, while its blobs move to the current.
create table storage_key (
    version   integer not null primary key,
    state     text    not null check (state in ('CURRENT', 'RETIRING', 'DESTROYED')),
    -- ISO 8601, UTC.
    made      text    not null,
    retired   text,
    destroyed text
);

insert into storage_key (version, state, made) values (1, 'CURRENT', current_timestamp);
