package org.kiln.personalisation.generation;

import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;
import org.kiln.personalisation.order.Order;
import org.kiln.transfer.numbering.Eid;
import org.kiln.transfer.numbering.EidRange;
import org.kiln.transfer.numbering.Iccid;
import org.kiln.transfer.numbering.IccidRange;
import org.kiln.transfer.numbering.Imsi;
import org.kiln.transfer.numbering.ImsiRange;
import org.kiln.transfer.numbering.Msisdn;
import org.kiln.transfer.numbering.MsisdnRange;

/** Which card of an order gets which numbers. */
final class CardNumbers {

    private final IccidRange iccids;
    private final ImsiRange imsis;
    private final IntFunction<@Nullable Msisdn> msisdns;
    private final IntFunction<@Nullable Eid> eids;

    /** The numbers of one card. */
    record Of(
            Iccid iccid,
            Imsi imsi,
            @Nullable Msisdn msisdn,
            @Nullable Eid eid) {}

    CardNumbers(Order order) {
        Order.FirstNumbers first = order.numbers();
        int quantity = order.request().quantity();
        iccids = new IccidRange(
                Iccid.of(first.iccid(), first.luhn() ? Iccid.CheckDigit.LUHN : Iccid.CheckDigit.NONE), quantity);
        imsis = new ImsiRange(new Imsi(first.imsi()), quantity);
        if (first.msisdn().isEmpty()) {
            msisdns = position -> null;
        } else {
            MsisdnRange range = new MsisdnRange(new Msisdn(first.msisdn()), quantity);
            msisdns = range::get;
        }
        if (first.eid().isEmpty()) {
            eids = position -> null;
        } else {
            EidRange range = new EidRange(Eid.withCheckDigits(first.eid()), quantity);
            eids = range::get;
        }
    }

    Of of(int position) {
        return new Of(iccids.get(position), imsis.get(position), msisdns.apply(position), eids.apply(position));
    }
}
