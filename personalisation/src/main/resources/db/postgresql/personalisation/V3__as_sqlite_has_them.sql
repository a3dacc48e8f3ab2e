-- What the migrations for SQLite up to V3 make, for PostgreSQL, but for what they keep of release 0.1; their comments hold
-- here too. From V4 on, both engines share their migrations. Identifiers and numbers compare by their octets.
create table profile (
    name         text collate "C" not null,
    version      integer not null,
    state        text    not null check (state in ('DRAFT', 'PUBLISHED', 'RETIRED')),
    body         text    not null,
    created      text    not null,
    created_by   text    not null,
    published    text,
    published_by text,
    primary key (name, version)
);

create table partner (
    name       text collate "C" not null primary key,
    body       text not null,
    changed    text not null,
    changed_by text not null
);

create table number_range (
    name     text collate "C" not null primary key,
    kind     text    not null check (kind in ('ICCID', 'IMSI', 'MSISDN', 'EID')),
    operator text    not null,
    luhn     boolean not null,
    digits   integer not null,
    first    text collate "C" not null,
    past     text collate "C" not null,
    created  text    not null
);

create table number_block (
    kind     text    not null,
    digits   integer not null,
    first    text collate "C" not null,
    past     text collate "C" not null,
    state    text    not null check (state in ('TAKEN', 'QUARANTINED', 'RELEASED')),
    order_id text collate "C" not null,
    primary key (kind, digits, first)
);

create table card_order (
    id                text collate "C" not null primary key,
    idempotency_key   text    not null,
    vendor            text collate "C" not null,
    state             text    not null check (state in ('REQUESTED', 'REJECTED', 'GENERATING', 'AWAITED', 'READY', 'DELIVERED',
                              'ACKNOWLEDGED', 'ACTIVE', 'CLOSED', 'CANCELLED', 'FAILED')),
    request           text    not null,
    profile_name      text collate "C" not null,
    profile_version   integer not null,
    first_iccid       text    not null default '',
    first_imsi        text    not null default '',
    first_msisdn      text    not null default '',
    first_eid         text    not null default '',
    luhn              boolean not null default true,
    created           text    not null,
    requested_by      text    not null,
    changed           text    not null,
    foreign key (profile_name, profile_version) references profile (name, version),
    unique (vendor, idempotency_key)
);
create index card_order_by_state on card_order (state);

create table delivery (
    order_id        text collate "C" not null references card_order (id),
    partner         text collate "C" not null,
    state           text    not null check (state in ('PLANNED', 'READY', 'FETCHED', 'DESTROYED')),
    plan            text    not null,
    sha256          text,
    manifest_sha256 text,
    acknowledged    text,
    changed         text    not null,
    primary key (order_id, partner)
);

create table order_event (
    order_id text collate "C" not null references card_order (id),
    number   integer not null,
    at       text    not null,
    actor    text    not null,
    event    text    not null,
    detail   text    not null,
    primary key (order_id, number)
);

create table card (
    order_id      text collate "C" not null references card_order (id),
    position      integer not null,
    iccid         text collate "C" not null unique,
    imsi          text collate "C" not null unique,
    msisdn        text,
    eid           text,
    operator_keys text    not null,
    primary key (order_id, position)
);

create table card_row (
    order_id text collate "C" not null,
    partner  text collate "C" not null,
    position integer not null,
    row      text    not null,
    primary key (order_id, partner, position),
    foreign key (order_id, partner) references delivery (order_id, partner)
);

create table identity (
    id             text collate "C" not null primary key,
    device_id      text collate "C" not null,
    nonce          text not null,
    state          text not null check (state in ('REQUESTED', 'ISSUED', 'DELIVERED', 'CONFIRMED', 'ACTIVE', 'SUPERSEDED',
                           'FELL_BACK', 'REVOKED', 'EXPIRED')),
    broker         text,
    supi           text collate "C" not null unique,
    body           text not null,
    deadline       text not null,
    package        text,
    package_sha256 text not null,
    operator_keys  text not null default '{}',
    created        text not null,
    changed        text not null,
    mac            bytea not null,
    unique (device_id, nonce)
);
create index identity_by_state on identity (state);

create table identity_event (
    identity_id text collate "C" not null references identity (id),
    number      integer not null,
    at          text    not null,
    actor       text    not null,
    event       text    not null,
    detail      text    not null,
    primary key (identity_id, number)
);
