package org.kiln.personalisation.generation;

import java.util.List;
import java.util.stream.Collectors;
import org.kiln.kms.aka.AkaException;
import org.kiln.kms.subscriber.Algorithm;
import org.kiln.kms.subscriber.Engine;
import org.kiln.kms.subscriber.EngineChoice;
import org.kiln.personalisation.order.DeliveryPlan;
import org.kiln.personalisation.order.Order;
import org.kiln.personalisation.order.OrderException;
import org.kiln.personalisation.output.DeliveryFiles;
import org.kiln.personalisation.profile.Share;
import org.kiln.transfer.batch.Column;
import org.kiln.transfer.batch.Content;
import org.kiln.transfer.batch.Protection;

/** Which orders may have columns of key blocks: those whose cards have keys that the host may read, where it makes blocks. */
final class KeyBlockColumns {

    private KeyBlockColumns() {}

    /**
     * Checks that the columns of a file which are to hold key blocks can.
     *
     * @throws OrderException.Refused if one cannot: the message names it
     */
    static void requireAll(Order order, DeliveryPlan plan, DeliveryFiles files, EngineChoice engines) {
        List<Column> columns = files.columns(order, plan).stream()
                .filter(column -> column.protection() == Protection.KEY_BLOCK)
                .toList();
        if (columns.isEmpty()) {
            return;
        }
        String what = columns.stream().map(Column::name).collect(Collectors.joining(", ")) + " of the file for '"
                + plan.partner().name() + "' in key blocks";
        require(
                engines.makesKeyBlocks(),
                what + " need a host that may read these keys: list key-blocks in auc.guardedHost of kiln.yaml if your"
                        + " security officer accepts that, or leave keyBlocks out of the format");
        require(
                !order.request().vendorMakes(),
                what
                        + " are made of keys that Kiln made, and the vendor makes those of this order: leave keyBlocks out of"
                        + " the format");
        require(
                plan.share() != Share.PROFILE_PLATFORM,
                what + ": a profile platform gets its keys wrapped; leave keyBlocks out of the format");
        Algorithm algorithm = order.profile().authentication().parsedAlgorithm();
        require(
                isReadable(algorithm, engines),
                what + " are for cards whose keys the host may read, which those of profile '"
                        + order.profile().name() + "' (" + algorithm.label() + ") are not: the token hides them. Leave"
                        + " keyBlocks out of the format, so that they are wrapped");
        for (Column column : columns) {
            int octets = order.profile().octetsOf(column.name());
            int most = files.protectionKeyOctets(plan.partner(), column);
            require(
                    octets <= most || column.content() == Content.DES_KEY,
                    "column " + column.name() + " of the file for '"
                            + plan.partner().name() + "' holds keys of "
                            + 8 * octets + " bits, more than its key block protection key has (" + 8 * most
                            + "): make a longer one");
        }
    }

    private static boolean isReadable(Algorithm algorithm, EngineChoice engines) {
        try {
            return engines.forNew(algorithm) == Engine.GUARDED_HOST;
        } catch (AkaException e) {
            throw new OrderException.Refused(String.valueOf(e.getMessage()));
        }
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new OrderException.Refused(otherwise);
        }
    }
}
