-- The keys that OPc and TOPc lie under: one for each version of the storage keys, wrapped under its SKH-n.
create table opc_key (
    version integer not null primary key,
    -- Hexadecimal.
    wrapped text    not null
);
