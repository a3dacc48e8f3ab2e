-- What the migrations for SQLite up to V11 make, for PostgreSQL; their comments hold here too. From V12 on, both engines
-- share their migrations. Identifiers compare by their octets, as SQLite compares them.
create table subscriber (
    supi                 text collate "C" not null primary key,
    algorithm            text    not null,
    ki_key               text    not null,
    ki_blob              bytea   not null,
    opc_key              text    not null,
    opc_blob             bytea   not null,
    amf                  integer not null,
    ind_length           integer not null,
    sqn_value            bigint  not null,
    mac                  bytea   not null,
    algorithm_parameters text    not null default '',
    sqn_scheme           text    not null default 'TIME_BASED',
    auth_method          text    not null default '5G_AKA',
    status               text    not null default 'ACTIVE' check (status in ('PENDING', 'ACTIVE', 'SUSPENDED'))
);

create table sqn_ceiling (
    node   integer not null primary key,
    tenths bigint  not null
);

create table transport_key (
    label      text collate "C" not null primary key,
    partner    text    not null,
    direction  text    not null check (direction in ('INCOMING', 'OUTGOING')),
    octets     integer not null,
    kcv_zero   text    not null,
    state      text    not null default 'ACTIVE'
        check (state in ('PRE_ACTIVE', 'ACTIVE', 'SUSPENDED', 'RETIRED', 'DESTROYED')),
    kcv_cmac   text    not null default '',
    first_day  text    not null default '',
    last_day   text    not null default '',
    made_at    text    not null default '',
    changed_at text    not null default '',
    mac        bytea
);

create table storage_key (
    version   integer not null primary key,
    state     text    not null check (state in ('CURRENT', 'RETIRING', 'DESTROYED')),
    made      text    not null,
    retired   text,
    destroyed text
);

insert into storage_key (version, state, made)
    values (1, 'CURRENT', to_char(current_timestamp at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS'));

create table suci_key (
    identifier integer not null primary key,
    scheme     text    not null check (scheme in ('PROFILE_A', 'PROFILE_B')),
    state      text    not null check (state in ('ACTIVE', 'RETIRING', 'RETIRED')),
    public_key text    not null,
    made_at    text    not null,
    changed_at text    not null,
    mac        bytea   not null
);

create table auth_event (
    supi            text collate "C" not null references subscriber (supi) on delete cascade,
    serving_network text    not null,
    id              text    not null,
    nf_instance     text    not null,
    success         boolean not null,
    auth_type       text    not null,
    happened_at     text    not null,
    primary key (supi, serving_network)
);
