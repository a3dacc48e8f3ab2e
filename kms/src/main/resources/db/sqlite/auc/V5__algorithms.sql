-- What the operator chose of the subscriber's algorithm, as text such as "iterations=1 mac=64 res=64 ck=128 ik=128";
-- empty for the usual. The record's MAC covers it.
alter table subscriber add column algorithm_parameters text not null default '';
