package org.kiln.kms.provisioning;

import java.util.HexFormat;
import org.kiln.kms.subscriber.AlgorithmCatalogue;
import org.kiln.kms.subscriber.Subscriber;
import org.kiln.transfer.numbering.Supi;

/**
 * What may be told of a subscriber (TS 29.505 {@code AuthenticationSubscription}): everything but his keys, wrapped or
 * not.
 *
 * @param method as TS 29.505 names it
 * @param algorithm a name that {@link AlgorithmCatalogue} knows
 * @param amf 4 hexadecimal digits
 */
public record AuthenticationSubscription(
        Supi supi, String method, String algorithm, String amf, SequenceNumber sequence) {

    static AuthenticationSubscription of(Subscriber subscriber, AlgorithmCatalogue catalogue) {
        return new AuthenticationSubscription(
                subscriber.supi(),
                subscriber.method().label(),
                catalogue.nameOf(subscriber.algorithm()),
                HexFormat.of().toHexDigits((short) subscriber.amf()),
                SequenceNumber.of(subscriber.sqn()));
    }

    /** The same with another method, AMF and sequence number, in the form in which they came. */
    public AuthenticationSubscription with(String newMethod, String newAmf, SequenceNumber newSequence) {
        return new AuthenticationSubscription(supi, newMethod, algorithm, newAmf, newSequence);
    }
}
