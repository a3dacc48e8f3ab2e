-- Whose each transport key in the token is, and which way it goes.
create table transport_key (
    label     text    not null primary key,
    partner   text    not null,
    direction text    not null check (direction in ('INCOMING', 'OUTGOING')),
    octets    integer not null,
    kcv_zero  text    not null
);
