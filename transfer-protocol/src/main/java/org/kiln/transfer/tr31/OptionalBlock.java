package org.kiln.transfer.tr31;

/**
 * One optional block of a header (ANSI X9.143 clause 7.2): a statement about the key.
 *
 * @param id two letters or digits, not PB, which fills the header up and says nothing
 * @param data printable ASCII, at most 4096 characters
 */
public record OptionalBlock(String id, String data) {

    static final String PADDING = "PB";
    static final int MAX_DATA = 4096;

    /**
     * Checks the parts.
     *
     * @throws IllegalArgumentException if one breaks a rule above
     */
    public OptionalBlock {
        if (!id.matches("[A-Z0-9]{2}") || id.equals(PADDING)) {
            throw new IllegalArgumentException("the id of an optional block is not two letters or digits, or is PB");
        }
        if (data.length() > MAX_DATA || !data.chars().allMatch(c -> c >= 0x20 && c <= 0x7E)) {
            throw new IllegalArgumentException(
                    "optional block " + id + " is not printable ASCII of at most " + MAX_DATA + " characters");
        }
    }
}
