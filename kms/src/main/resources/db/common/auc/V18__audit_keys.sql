-- The keys that sign the audit log after the first: each is named by the one before, over the log as it was then.
create table audit_key (
    -- From 1; the first key, which every token has, has no row.
    number     bigint not null primary key,
    -- How many entries there were, and the root of the Merkle tree over their hashes.
    count      bigint not null,
    root       text   not null,
    -- ISO 8601.
    at         text   not null,
    -- SubjectPublicKeyInfo, hexadecimal: the key's own, and that of the key that names it.
    public_key text   not null,
    signer     text   not null,
    -- Hexadecimal, of ECDSA with SHA-256 by the signer.
    signature  text   not null
);
