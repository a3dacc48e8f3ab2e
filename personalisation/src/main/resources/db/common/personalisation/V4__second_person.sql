-- A draft and an order wait for a second person until expires (ISO 8601), and their rows have a code (hexadecimal) over all that he
-- and those after him rely on. Rows of earlier releases get their codes once, when a node first starts with this one; those that wait
-- then are over.
alter table profile add column expires text;
alter table profile add column mac text;
alter table card_order add column expires text;
alter table card_order add column mac text;
-- Over what was fixed of a file when its order was approved: for whom, and how protected.
alter table delivery add column mac text;
