package org.kiln.kms.provisioning;

import org.kiln.kms.sqn.SqnState;
import org.kiln.kms.subscriber.AlgorithmCatalogue;
import org.kiln.transfer.numbering.Supi;

/**
 * A subscriber on his way in, his keys under an incoming transport key; each value as text, empty where it is absent. The
 * rules are a load file's.
 *
 * @param method as TS 29.505 names it
 * @param wrapping {@code aes-kwp} or {@code aes-kw}
 * @param wrappedKi hexadecimal
 * @param wrappedOpc hexadecimal
 * @param wrappedTopc hexadecimal
 */
public record ArrivingSubscription(
        Supi supi,
        String method,
        String algorithm,
        String transportKey,
        String wrapping,
        String wrappedKi,
        String wrappedOpc,
        String wrappedTopc,
        String amf,
        SequenceNumber sequence) {

    LoadRow row(AlgorithmCatalogue catalogue) {
        return LoadRow.of(this::column, 0, catalogue);
    }

    SqnState sqn(long clock) {
        return sequence.state(clock);
    }

    String column(String column) {
        return switch (column) {
            case LoadRow.SUPI -> supi.value();
            case LoadRow.AUTH_METHOD -> method;
            case LoadRow.ALGORITHM -> algorithm;
            case LoadRow.TRANSPORT_KEY -> transportKey;
            case LoadRow.WRAPPING -> wrapping;
            case LoadRow.EKI -> wrappedKi;
            case LoadRow.EOPC -> wrappedOpc;
            case LoadRow.ETOPC -> wrappedTopc;
            case LoadRow.AMF -> amf;
            default -> sequence.column(column);
        };
    }

    @Override
    public String toString() {
        return "ArrivingSubscription[" + supi + "]";
    }
}
