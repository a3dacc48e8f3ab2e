-- Home-network keys (TS 33.501 Annex C); the private halves are in the token. No identifier is given twice.
create table suci_key (
    identifier integer not null primary key,
    scheme     text    not null check (scheme in ('PROFILE_A', 'PROFILE_B')),
    state      text    not null check (state in ('ACTIVE', 'RETIRING', 'RETIRED')),
    -- The public point in hexadecimal.
    public_key text    not null,
    -- ISO 8601 instants.
    made_at    text    not null,
    changed_at text    not null,
    -- Authenticates all of the above.
    mac        blob    not null
);
