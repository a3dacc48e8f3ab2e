-- How a subscriber's sequence numbers are made (TS 29.505 sqnScheme), and what of them is on disk: DIF in tenths of
-- seconds for TIME_BASED, else the high-water mark of SEQ.
alter table subscriber rename column dif to sqn_value;
alter table subscriber add column sqn_scheme text not null default 'TIME_BASED';
