-- Load files on their way in. What is taken over stands aside in subscriber_staged, which nobody is served from, until the
-- whole file is; then it moves to subscriber, page by page.
create table subscriber_load (
    id          integer not null primary key,
    -- Of the whole file, hexadecimal: what it is recognised by when it is given again.
    sha256      text    not null unique,
    name        text    not null,
    skips_bad   integer not null,
    file_rows   bigint  not null,
    -- Rows of the file that are staged or left out.
    passed      bigint  not null,
    state       text    not null check (state in ('STAGING', 'RELEASING', 'REMOVING')),
    -- Subscribers that have moved, and the last of them.
    released    bigint  not null,
    released_to text    not null,
    -- ISO 8601.
    begun_at    text    not null
);

-- Rows that were left out.
create table subscriber_load_refusal (
    load_id integer not null,
    line    bigint  not null,
    message text    not null
);

create index subscriber_load_refusal_line on subscriber_load_refusal (load_id, line);

-- The columns of subscriber; whose load it is, and where it stands in the file.
create table subscriber_staged as
    select subscriber.*, cast(0 as integer) as load_id, cast(0 as bigint) as line from subscriber where 1 = 0;

create unique index subscriber_staged_supi on subscriber_staged (supi);
