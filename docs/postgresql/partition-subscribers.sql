-- Divides the tables of subscribers by the hash of the SUPI. Run it as the owner of Kiln's schema while no node serves, after
-- Kiln has made its tables and before millions of rows are in them; Kiln needs to be told nothing. 16 parts suit up to some
-- hundred million subscribers: a power of two, so that parts can be split.
begin;

alter table auth_event rename to auth_event_whole;
alter table subscriber rename to subscriber_whole;
alter index subscriber_pkey rename to subscriber_whole_pkey;
alter index auth_event_pkey rename to auth_event_whole_pkey;

create table subscriber (like subscriber_whole including defaults including constraints, primary key (supi))
    partition by hash (supi);
create table auth_event (like auth_event_whole including defaults including constraints,
    primary key (supi, serving_network),
    foreign key (supi) references subscriber (supi) on delete cascade)
    partition by hash (supi);

do $$
begin
    for part in 0..15 loop
        execute format('create table subscriber_%s partition of subscriber for values with (modulus 16, remainder %s)', part, part);
        execute format('create table auth_event_%s partition of auth_event for values with (modulus 16, remainder %s)', part, part);
    end loop;
end $$;

insert into subscriber select * from subscriber_whole;
insert into auth_event select * from auth_event_whole;
drop table auth_event_whole;
drop table subscriber_whole;

commit;
