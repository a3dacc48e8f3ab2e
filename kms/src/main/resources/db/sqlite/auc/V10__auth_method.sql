-- How a 5G core authenticates the subscriber (TS 29.505 authenticationMethod). The record's MAC covers it where it is not
-- the default, so that the MACs of earlier records hold.
alter table subscriber add column auth_method text not null default '5G_AKA';
