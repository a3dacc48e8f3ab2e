-- Who gets files and which numbers are whose have a code (hexadecimal) over the whole row, like what V4 gave one. Rows of earlier
-- releases get theirs once, when a node first starts with this one.
alter table partner add column mac text;
alter table number_range add column mac text;
-- Why numbers are quarantined, as it was given last; none for what earlier releases quarantined.
alter table number_block add column reason text;
