-- What was done, by whom. Each entry's hash covers the hash before it; rows are added only.
create table audit_entry (
    number bigint not null primary key,
    -- ISO 8601.
    at     text   not null,
    actor  text   not null,
    act    text   not null,
    object text   not null,
    detail text   not null,
    -- SHA-256, in hexadecimal.
    hash   text   not null
);

-- What the token signed of the log: how many entries there were, and the root of the Merkle tree over their hashes.
create table audit_checkpoint (
    count     bigint not null primary key,
    root      text   not null,
    at        text   not null,
    -- Hexadecimal, of ECDSA with SHA-256 by the signing key.
    signature text   not null
);
