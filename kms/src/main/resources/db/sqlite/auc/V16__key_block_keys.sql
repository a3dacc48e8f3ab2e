-- A transport key may be for the key blocks of card files. SQLite changes no check of a table: the table is made anew.
create table transport_key_anew (
    label      text    not null primary key,
    partner    text    not null,
    direction  text    not null check (direction in ('INCOMING', 'OUTGOING', 'KEY_BLOCKS')),
    octets     integer not null,
    kcv_zero   text    not null,
    state      text    not null default 'ACTIVE'
        check (state in ('PRE_ACTIVE', 'ACTIVE', 'SUSPENDED', 'RETIRED', 'DESTROYED')),
    kcv_cmac   text    not null default '',
    first_day  text    not null default '',
    last_day   text    not null default '',
    made_at    text    not null default '',
    changed_at text    not null default '',
    mac        blob
);
insert into transport_key_anew (label, partner, direction, octets, kcv_zero, state, kcv_cmac, first_day, last_day, made_at,
        changed_at, mac)
    select label, partner, direction, octets, kcv_zero, state, kcv_cmac, first_day, last_day, made_at, changed_at, mac
    from transport_key;
drop table transport_key;
alter table transport_key_anew rename to transport_key;
