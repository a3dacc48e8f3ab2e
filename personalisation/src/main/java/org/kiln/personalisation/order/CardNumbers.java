package org.kiln.personalisation.order;

import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;
import org.kiln.transfer.numbering.Eid;
import org.kiln.transfer.numbering.EidRange;
import org.kiln.transfer.numbering.Iccid;
import org.kiln.transfer.numbering.IccidRange;
import org.kiln.transfer.numbering.Imsi;
import org.kiln.transfer.numbering.ImsiRange;
import org.kiln.transfer.numbering.Msisdn;
import org.kiln.transfer.numbering.MsisdnRange;

/** Which card of an order gets which numbers. */
public final class CardNumbers {

    private final IccidRange iccids;
    private final ImsiRange imsis;
    private final IntFunction<@Nullable Msisdn> msisdns;
    private final IntFunction<@Nullable Eid> eids;

    /** The numbers of one card. */
    public record Of(
            Iccid iccid,
            Imsi imsi,
            @Nullable Msisdn msisdn,
            @Nullable Eid eid) {}

    public CardNumbers(Order order) {
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

    /** The numbers of the card at a position of the order. */
    public Of of(int position) {
        return new Of(iccids.get(position), imsis.get(position), msisdns.apply(position), eids.apply(position));
    }
}
