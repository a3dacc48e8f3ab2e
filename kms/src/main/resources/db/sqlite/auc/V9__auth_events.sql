-- Of each subscriber and serving network the authentication that was confirmed last (TS 29.503 AuthEvent).
create table auth_event (
    supi            text    not null references subscriber (supi) on delete cascade,
    serving_network text    not null,
    id              text    not null,
    nf_instance     text    not null,
    success         integer not null,
    auth_type       text    not null,
    -- RFC 3339.
    happened_at     text    not null,
    primary key (supi, serving_network)
) without rowid;
