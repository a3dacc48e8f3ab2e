-- A transport key's life (NIST SP 800-57 Part 1, clause 7), and a code over the whole row.
alter table transport_key add column state text not null default 'ACTIVE'
    check (state in ('PRE_ACTIVE', 'ACTIVE', 'SUSPENDED', 'RETIRED', 'DESTROYED'));
alter table transport_key add column kcv_cmac text not null default '';
-- ISO 8601 dates, or empty: the first and the last day on which the key may be used.
alter table transport_key add column first_day text not null default '';
alter table transport_key add column last_day text not null default '';
-- ISO 8601 instants.
alter table transport_key add column made_at text not null default '';
alter table transport_key add column changed_at text not null default '';
alter table transport_key add column mac blob;
