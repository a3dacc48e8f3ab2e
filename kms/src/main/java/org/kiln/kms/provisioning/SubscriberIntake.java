package org.kiln.kms.provisioning;

import java.util.function.UnaryOperator;
import org.kiln.kms.keys.KeyRing;
import org.kiln.kms.keys.StorageKeys;
import org.kiln.kms.subscriber.AlgorithmCatalogue;
import org.kiln.kms.subscriber.Subscriber;
import org.kiln.pkcs11.Session;
import org.kiln.token.TokenProfile;

/** Takes subscribers of other files in: by a load file's columns and rules, with the same checks, and stores nothing. */
public final class SubscriberIntake {

    private final KeyIntake intake;
    private final AlgorithmCatalogue catalogue;

    /** @param catalogue the algorithms that may be named */
    public SubscriberIntake(
            KeyRing ring,
            StorageKeys storageKeys,
            TransportKeyRegister register,
            TokenProfile profile,
            AlgorithmCatalogue catalogue) {
        intake = new KeyIntake(ring, storageKeys, register, profile, catalogue.engines());
        this.catalogue = catalogue;
    }

    /**
     * Takes a subscriber's keys from under his transport key.
     *
     * @param row the text in each column of a load file; empty where there is none
     * @param line named in refusals
     * @throws LoadFileException if a value breaks its rule, or a key does not unwrap
     */
    public Subscriber take(Session session, UnaryOperator<String> row, long line) {
        return intake.take(session, LoadRow.of(row, line, catalogue));
    }
}
