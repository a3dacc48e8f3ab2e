-- A transport key may be for the key blocks of card files.
alter table transport_key drop constraint transport_key_direction_check;
alter table transport_key add constraint transport_key_direction_check
    check (direction in ('INCOMING', 'OUTGOING', 'KEY_BLOCKS'));
