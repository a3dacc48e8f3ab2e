package org.kiln.personalisation.order;

import java.util.Map;

/**
 * A card whose keys exist. No value here is in the clear but its numbers.
 *
 * @param position its place in the order, from 0
 * @param vendorRow its line of the vendor's file, by column
 * @param operatorKeys what the operator keeps, by column: {@code <storage key label>:<hexadecimal>}
 */
public record MadeCard(
        int position, String iccid, String imsi, Map<String, String> vendorRow, Map<String, String> operatorKeys) {

    @Override
    public String toString() {
        return "MadeCard[" + position + "]";
    }
}
