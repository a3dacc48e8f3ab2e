-- Which process has which node number, and with it the number's values of IND and its row of sqn_ceiling. fence goes up
-- each time a number changes hands; expires is in milliseconds since 1970 by the database's clock.
create table node_lease (
    node    integer not null primary key,
    -- How many numbers there are: who shares a store must agree.
    nodes   integer not null,
    holder  text    not null,
    fence   bigint  not null,
    expires bigint  not null
);
