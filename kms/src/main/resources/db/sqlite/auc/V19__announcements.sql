-- What processes that share the file tell each other to have changed. Each reads the rows after the last that it knows, so
-- that no number may be given twice.
create table announcement (
    number  integer not null primary key autoincrement,
    channel text    not null,
    what    text    not null
);
