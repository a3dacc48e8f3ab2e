package org.kiln.perf.bench;

/** What a run consists of, in its order. */
public enum Part {
    TOKEN("the token's ceiling"),
    PROCESS("Kiln in process"),
    PEER("OsmoHLR"),
    HOT("Kiln, keys in use"),
    COLD("Kiln, keys not in use"),
    SESSION("Kiln, keys not in use, session storage key"),
    FLAMES("flame graphs"),
    SUCI("SUCIs"),
    CARDS("cards"),
    LOAD("import, rotation, export"),
    GROWTH("growth"),
    POSTGRESQL("PostgreSQL");

    private final String what;

    Part(String what) {
        this.what = what;
    }

    /** In words. */
    String what() {
        return what;
    }
}
