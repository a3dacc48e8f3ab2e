package org.kiln.transfer.output;

import java.io.IOException;
import java.util.Map;

/** Writes the rows of one file, in order. Not for use by several threads at once. */
public interface RowWriter {

    /**
     * Appends one row.
     *
     * @param row a value for every column of the header and for no other
     * @throws org.kiln.transfer.batch.BatchFormatException if a value breaks its column's rule or the format's: line and
     *     column say where
     * @throws IOException if the stream throws it
     */
    void append(Map<String, String> row) throws IOException;

    /**
     * Ends the file. The stream is flushed and stays open. A file that was not finished is of no use.
     *
     * @throws IllegalStateException if there are fewer rows than the header says
     * @throws IOException if the stream throws it
     */
    void finish() throws IOException;
}
