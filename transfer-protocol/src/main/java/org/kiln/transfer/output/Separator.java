package org.kiln.transfer.output;

/** What stands between the values of a row. No value may hold it: these formats know no quotes. */
public enum Separator {
    /** One space. No value may be empty. */
    SPACE(' '),
    TAB('\t'),
    COMMA(','),
    SEMICOLON(';'),
    PIPE('|'),
    COLON(':');

    private final char character;

    Separator(char character) {
        this.character = character;
    }

    char character() {
        return character;
    }
}
