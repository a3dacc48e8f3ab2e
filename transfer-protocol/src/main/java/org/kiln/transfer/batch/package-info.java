/**
 * The Kiln batch file, formats {@code kiln-batch/1} and {@code kiln-batch/2}: what an envelope holds.
 *
 * <p>A ZIP of exactly two entries in this order:
 *
 * <ol>
 *   <li>{@code manifest.json}: UTF-8 JSON, see {@link org.kiln.transfer.batch.Manifest}; it carries the SHA-256 of the
 *       second entry;
 *   <li>{@code records.csv}: UTF-8, RFC 4180, every line ended by CR LF (the last one too), no byte order mark. The first
 *       line names the columns in the manifest's order, each further line is one card. No value holds a control
 *       character, so a line is a record. Wrapped values are upper-case hexadecimal, key blocks upper-case letters and digits.
 * </ol>
 *
 * <p>In {@code kiln-batch/2} the manifest may name a profile, and the second entry may have another name and format, which
 * the manifest tells with the template by which it is read. Those formats are {@code org.kiln.transfer.output}'s.
 *
 * <p>Entry times are fixed, so the same records and manifest give the same octets. Files are read and written in
 * constant memory. Touches Jackson, commons-csv, Bouncy Castle's AES and {@code org.kiln.secret}, for staged files that are
 * hidden; knows nothing of CMS, cards' keys or tokens.
 */
@NullMarked
package org.kiln.transfer.batch;

import org.jspecify.annotations.NullMarked;
