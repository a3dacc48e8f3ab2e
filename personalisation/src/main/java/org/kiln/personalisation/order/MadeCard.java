package org.kiln.personalisation.order;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A card whose keys exist. No value here is in the clear but its numbers.
 *
 * @param position its place in the order, from 0
 * @param rows its line of each delivery's file, by partner, then by column
 * @param operatorKeys what the operator may retain, by column: {@code <storage key label>:<hexadecimal>}
 */
public record MadeCard(
        int position,
        String iccid,
        String imsi,
        @Nullable String msisdn,
        @Nullable String eid,
        Map<String, Map<String, String>> rows,
        Map<String, String> operatorKeys) {

    @Override
    public String toString() {
        return "MadeCard[" + position + "]";
    }
}
