-- One row per subscriber. Key material stands wrapped; the names of the wrapping keys stand beside it.
create table subscriber (
    supi       text    not null primary key,
    algorithm  text    not null,
    ki_key     text    not null,
    ki_blob    blob    not null,
    opc_key    text    not null,
    opc_blob   blob    not null,
    amf        integer not null,
    ind_length integer not null,
    -- Tenths of seconds: SEQ less the clock (TS 33.102 Annex C.1.2).
    dif        integer not null,
    -- Authenticates all of the above.
    mac        blob    not null
) without rowid;

-- The clock reading up to which this node may have handed out sequence numbers.
create table sqn_ceiling (
    node    integer not null primary key,
    tenths  integer not null
);
