package org.kiln.kms.provisioning;

import java.util.HexFormat;
import java.util.List;
import org.kiln.kms.keys.StorageKeys;
import org.kiln.kms.keys.WrappedKey;
import org.kiln.kms.subscriber.Algorithm;
import org.kiln.kms.subscriber.AlgorithmCatalogue;
import org.kiln.kms.subscriber.Subscriber;
import org.kiln.pkcs11.Session;

/**
 * Writes subscribers as rows of a load file, their keys wrapped by AES-KWP under an outgoing transport key.
 *
 * @param transportKey the label on both sides
 * @param clock now, in tenths of seconds
 * @param hours how long this authentication centre may go on serving them
 */
record ExportRow(StorageKeys storageKeys, AlgorithmCatalogue catalogue, String transportKey, long clock, int hours) {

    static final List<String> HEADER = List.of(
            LoadRow.SUPI,
            LoadRow.ALGORITHM,
            LoadRow.TRANSPORT_KEY,
            LoadRow.WRAPPING,
            LoadRow.EKI,
            LoadRow.EOPC,
            LoadRow.ETOPC,
            LoadRow.AMF,
            LoadRow.SQN,
            LoadRow.SQN_SCHEME,
            LoadRow.IND_LENGTH,
            LoadRow.AUTH_METHOD,
            LoadRow.STATUS);

    private static final HexFormat HEX = HexFormat.of().withUpperCase();

    List<String> of(Session session, Subscriber subscriber) {
        String opc = wrapped(session, subscriber.opc());
        boolean tuak = subscriber.algorithm() instanceof Algorithm.Tuak;
        return List.of(
                subscriber.supi().value(),
                catalogue.nameOf(subscriber.algorithm()),
                transportKey,
                LoadRow.Wrapping.AES_KWP.label,
                wrapped(session, subscriber.ki()),
                tuak ? "" : opc,
                tuak ? opc : "",
                HEX.toHexDigits((short) subscriber.amf()),
                HEX.toHexDigits(subscriber.sqn().reachWithin(hours, clock), 2 * LoadRow.SQN_OCTETS),
                subscriber.sqn().scheme().name(),
                Integer.toString(subscriber.sqn().indLength()),
                subscriber.method().label(),
                subscriber.status().name());
    }

    private String wrapped(Session session, WrappedKey key) {
        return key.keyLabel().isEmpty() ? "" : HEX.formatHex(storageKeys.handOver(session, key, transportKey));
    }
}
