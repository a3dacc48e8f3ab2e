package org.kiln.transfer.output;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.kiln.transfer.batch.Column;
import org.kiln.transfer.batch.RecordsFile;
import org.kiln.transfer.batch.RecordsParser.RecordConsumer;

/**
 * The form of a file of cards, with all that the form leaves open. As JSON it is an object whose member {@code type} names
 * the form: {@link OutputFormats} reads and writes that.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = RecordsFile.TYPE)
@JsonSubTypes({
    @JsonSubTypes.Type(value = KilnCsv.class, name = "kiln-csv"),
    @JsonSubTypes.Type(value = KilnJson.class, name = "kiln-json"),
    @JsonSubTypes.Type(value = VendorText.class, name = "vendor-text"),
    @JsonSubTypes.Type(value = PySimCsv.class, name = "pysim-csv"),
    @JsonSubTypes.Type(value = HlrLoad.class, name = "hlr-load"),
    @JsonSubTypes.Type(value = AuthenticationSubscriptions.class, name = "ts29505")
})
public sealed interface OutputFormat
        permits KilnCsv, KilnJson, VendorText, PySimCsv, HlrLoad, AuthenticationSubscriptions {

    /** What the file is called in a batch file. */
    @JsonIgnore
    String fileName();

    /** Whether codes (PIN, PUK, ADM) stand in the file as they are, so that whoever reads it can use the cards. */
    default boolean holdsCodesInTheClear() {
        return false;
    }

    /** The columns that hold key blocks; null for none. */
    default @Nullable KeyBlocks keyBlocks() {
        return null;
    }

    /**
     * The columns that are written, in their order.
     *
     * @param offered the columns that rows have
     * @throws IllegalArgumentException if the format cannot hold such columns, or lacks one: the message names it
     */
    List<Column> columns(List<Column> offered);

    /**
     * Begins a file.
     *
     * @param out flushed at the end, not closed
     * @throws IllegalArgumentException as {@link #columns}
     * @throws IOException if {@code out} throws it
     */
    RowWriter writer(OutputStream out, OutputHeader header) throws IOException;

    /**
     * Reads a file to its end and hands each row on, as the columns that are written.
     *
     * @param in not closed
     * @param header what the file's maker said of it; what the file itself repeats must agree
     * @throws org.kiln.transfer.batch.BatchFormatException if the file breaks the format
     * @throws IllegalArgumentException as {@link #columns}
     * @throws IOException if {@code in} or {@code consumer} throws it
     */
    void read(InputStream in, OutputHeader header, RecordConsumer consumer) throws IOException;
}
