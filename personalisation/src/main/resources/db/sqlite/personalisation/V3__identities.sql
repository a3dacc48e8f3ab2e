-- Credentials for devices that are in the field. body is JSON: what was asked for by whom, the device's certificates and the
-- numbers given; it never changes and holds no secret. package is what the device or its platform gets, keys wrapped for it
-- alone; gone when the device has confirmed. mac authenticates body, state and deadline.
create table identity (
    id             text not null primary key,
    device_id      text not null,
    nonce          text not null,
    state          text not null check (state in ('REQUESTED', 'ISSUED', 'DELIVERED', 'CONFIRMED', 'ACTIVE', 'SUPERSEDED',
                           'FELL_BACK', 'REVOKED', 'EXPIRED')),
    broker         text,
    supi           text not null unique,
    body           text not null,
    -- ISO 8601; by when the device must confirm or, once it has, authenticate. Empty for no such day.
    deadline       text not null,
    package        text,
    package_sha256 text not null,
    -- What the profile lets the operator retain, wrapped under a storage key.
    operator_keys  text not null default '{}',
    created        text not null,
    changed        text not null,
    mac            blob not null,
    -- A nonce is good for one identity, for ever.
    unique (device_id, nonce)
);
create index identity_by_state on identity (state);

-- What happened to an identity, in the order in which it happened. Rows are added only.
create table identity_event (
    identity_id text    not null references identity (id),
    number      integer not null,
    at          text    not null,
    actor       text    not null,
    event       text    not null,
    detail      text    not null,
    primary key (identity_id, number)
) without rowid;
