-- Orders of release 0.1 had their profiles and ranges inside. They stay readable here; their numbers stay taken below.
alter table card rename to card_of_0_1;
alter table card_order rename to card_order_of_0_1;
alter table number_allocation rename to number_allocation_of_0_1;

-- Versions of card profiles. body is JSON; neither it nor anything else of a version changes but its state.
create table profile (
    name         text    not null,
    version      integer not null,
    state        text    not null check (state in ('DRAFT', 'PUBLISHED', 'RETIRED')),
    body         text    not null,
    -- ISO 8601 instants, and who.
    created      text    not null,
    created_by   text    not null,
    published    text,
    published_by text,
    primary key (name, version)
) without rowid;

-- Who gets files, and how. body is JSON; certificates are in it, keys are not.
create table partner (
    name       text not null primary key,
    body       text not null,
    changed    text not null,
    changed_by text not null
) without rowid;

-- Numbers set aside for an operator's cards. first without check digits; digits fixed in number, so that text compares
-- as numbers.
create table number_range (
    name     text    not null primary key,
    kind     text    not null check (kind in ('ICCID', 'IMSI', 'MSISDN', 'EID')),
    operator text    not null,
    luhn     integer not null,
    digits   integer not null,
    first    text    not null,
    past     text    not null,
    created  text    not null
) without rowid;

-- Which numbers are taken: from first up to but without past. What stands in no row was never given to anybody.
create table number_block (
    kind     text    not null,
    digits   integer not null,
    first    text    not null,
    past     text    not null,
    state    text    not null check (state in ('TAKEN', 'QUARANTINED', 'RELEASED')),
    order_id text    not null,
    primary key (kind, digits, first)
) without rowid;

insert into number_block (kind, digits, first, past, state, order_id)
    select kind, digits, first, past, 'TAKEN', order_id from number_allocation_of_0_1;

-- What vendors ordered, and how far it has come. request, profile and deliveries are JSON and hold no secret.
create table card_order (
    id                text    not null primary key,
    idempotency_key   text    not null,
    vendor            text    not null,
    state             text    not null check (state in ('REQUESTED', 'REJECTED', 'GENERATING', 'AWAITED', 'READY', 'DELIVERED',
                              'ACKNOWLEDGED', 'ACTIVE', 'CLOSED', 'CANCELLED', 'FAILED')),
    request           text    not null,
    profile_name      text    not null,
    profile_version   integer not null,
    -- Empty until the order is approved and has its numbers.
    first_iccid       text    not null default '',
    first_imsi        text    not null default '',
    first_msisdn      text    not null default '',
    first_eid         text    not null default '',
    luhn              integer not null default 1,
    created           text    not null,
    requested_by      text    not null,
    changed           text    not null,
    foreign key (profile_name, profile_version) references profile (name, version),
    unique (vendor, idempotency_key)
);
create index card_order_by_state on card_order (state);

-- Each file of an order: for whom, how protected, and what became of it.
create table delivery (
    order_id        text    not null references card_order (id),
    partner         text    not null,
    state           text    not null check (state in ('PLANNED', 'READY', 'FETCHED', 'DESTROYED')),
    -- JSON: share, format, envelope, certificate, transport key.
    plan            text    not null,
    sha256          text,
    manifest_sha256 text,
    acknowledged    text,
    changed         text    not null,
    primary key (order_id, partner)
) without rowid;

-- What happened to an order, in the order in which it happened. Rows are added only.
create table order_event (
    order_id text    not null references card_order (id),
    number   integer not null,
    at       text    not null,
    actor    text    not null,
    event    text    not null,
    detail   text    not null,
    primary key (order_id, number)
) without rowid;

-- Cards made. operator_keys: what the profile lets the operator retain, wrapped under a storage key.
create table card (
    order_id      text    not null references card_order (id),
    position      integer not null,
    iccid         text    not null unique,
    imsi          text    not null unique,
    msisdn        text,
    eid           text,
    operator_keys text    not null,
    primary key (order_id, position)
) without rowid;

-- A card's line of each delivery's file, keys wrapped under that partner's transport key; gone when it is destroyed.
create table card_row (
    order_id text    not null,
    partner  text    not null,
    position integer not null,
    row      text    not null,
    primary key (order_id, partner, position),
    foreign key (order_id, partner) references delivery (order_id, partner)
) without rowid;
