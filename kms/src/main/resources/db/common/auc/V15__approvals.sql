-- Acts that need two people: who asked, who decided, whether it was done. Every row has a code over all of it.
create table approval (
    id           text not null primary key,
    act          text not null,
    -- To what, with all that the second person must know.
    object       text not null,
    reason       text not null,
    requester    text not null,
    -- ISO 8601, as all times here.
    requested_at text not null,
    -- What is not done by then is not done.
    expires_at   text not null,
    state        text not null check (state in ('PENDING', 'APPROVED', 'REJECTED', 'EXPIRED', 'DONE')),
    -- Empty until there is one.
    decider      text not null,
    changed_at   text not null,
    -- Hexadecimal.
    mac          text not null
);

create index approval_requested on approval (requested_at);

-- What was approved of kiln.yaml: who may call, and that two people are asked. One row, once dual control is on.
create table approved_roles (
    id          integer not null primary key check (id = 1),
    -- SHA-256 of those sections, hexadecimal.
    digest      text    not null,
    approved_at text    not null,
    mac         text    not null
);
