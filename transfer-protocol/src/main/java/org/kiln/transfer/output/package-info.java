/**
 * The forms in which cards leave: one {@link org.kiln.transfer.output.OutputFormat} for each, all used alike.
 *
 * <p>A row is a map of column name to text; a wrapped column's text is the hexadecimal of what the token wrapped. Nothing
 * here touches a token or sees a key. Every format is written and read as a stream, line by line, with each line bounded,
 * and a bad line is a {@link org.kiln.transfer.batch.BatchFormatException} with line, column and rule. What vendors differ
 * in (names, order, separators, header lines) is a template: data of a profile, not code. A file is written bare, for a
 * partner whose system reads nothing else, or as the records of a batch file, whose manifest then holds the template, so
 * that the recipient's tool can read it.
 *
 * <p>May touch {@code batch} and {@code numbering}.
 */
@NullMarked
package org.kiln.transfer.output;

import org.jspecify.annotations.NullMarked;
