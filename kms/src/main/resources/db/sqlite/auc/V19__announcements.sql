-- What processes that share the file tell each other to have changed. Each reads the rows after the last that it knows, so
-- that no number may be given twice. Rows are of use for a moment: they name subscribers, and do not stay.
create table announcement (
    number  integer not null primary key autoincrement,
    at      integer not null default (unixepoch()),
    channel text    not null,
    what    text    not null
);
create index announcement_at on announcement (at);
