package org.kiln.kms.subscriber;

import org.kiln.kms.keys.RecordMac;
import org.kiln.transfer.numbering.Supi;

/** A subscriber's record as it was read; whether its MAC is right shows when it is {@linkplain #opened opened}. */
public final class SubscriberRecord {

    private final SubscriberRow row;
    private final RecordMac mac;

    SubscriberRecord(SubscriberRow row, RecordMac mac) {
        this.row = row;
        this.mac = mac;
    }

    public Supi supi() {
        return row.supi();
    }

    /** @throws RecordRefusedException if the MAC is wrong */
    public Subscriber opened() {
        return row.checked(mac);
    }
}
