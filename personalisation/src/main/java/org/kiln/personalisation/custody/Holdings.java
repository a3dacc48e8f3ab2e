package org.kiln.personalisation.custody;

import java.util.List;
import java.util.Map;
import org.kiln.personalisation.order.OrderState;

/**
 * What is still held of an order.
 *
 * @param cards rows of cards: numbers, and the keys below
 * @param files what is there for each recipient
 * @param retainedKeys how many keys and codes the operator retains, by name; wrapped
 * @param subscribers subscribers in the AuC by status, with Ki and OPc wrapped under storage keys
 */
public record Holdings(
        String orderId,
        OrderState state,
        long cards,
        List<File> files,
        Map<String, Long> retainedKeys,
        Map<String, Long> subscribers) {

    /**
     * @param state what became of the file, as the book has it
     * @param onDisk whether there is a file
     * @param lines of it that are in the store, keys wrapped under the partner's transport key
     */
    public record File(String partner, String state, boolean onDisk, long lines) {}
}
