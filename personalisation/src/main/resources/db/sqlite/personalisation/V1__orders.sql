-- What vendors ordered. request is the order as it came (JSON); it holds no secret.
create table card_order (
    id              text not null primary key,
    idempotency_key text not null,
    vendor          text not null,
    request         text not null,
    state           text not null check (state in ('GENERATING', 'READY', 'FAILED')),
    first_iccid     text not null,
    first_imsi      text not null,
    created         text not null,
    output_sha256   text,
    unique (vendor, idempotency_key)
);

-- Which numbers are taken: from first up to but without past. Digits fixed in number, so that text compares as numbers.
create table number_allocation (
    kind     text    not null check (kind in ('ICCID', 'IMSI')),
    digits   integer not null,
    first    text    not null,
    past     text    not null,
    order_id text    not null references card_order (id),
    primary key (kind, digits, first)
);

-- Cards made. vendor_row: their line of the vendor's file, keys wrapped under the vendor's transport key.
-- operator_keys: what the operator keeps for his OTA platform and customer care, wrapped under a storage key.
create table card (
    order_id      text    not null references card_order (id),
    position      integer not null,
    iccid         text    not null unique,
    imsi          text    not null unique,
    vendor_row    text    not null,
    operator_keys text    not null,
    primary key (order_id, position)
) without rowid;
