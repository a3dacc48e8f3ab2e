package org.kiln.transfer.batch;

/** How lines of a text file end, the last one too. */
public enum LineEnd {
    /** CR LF, as RFC 4180 wants it. */
    CRLF("\r\n"),
    /** LF. */
    LF("\n");

    private final String text;

    LineEnd(String text) {
        this.text = text;
    }

    /** The characters. */
    public String text() {
        return text;
    }
}
