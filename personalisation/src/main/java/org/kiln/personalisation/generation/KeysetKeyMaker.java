package org.kiln.personalisation.generation;

import org.kiln.kms.keys.CheckValues;
import org.kiln.kms.keys.KeyPolicy;
import org.kiln.personalisation.profile.Keyset;
import org.kiln.pkcs11.Cka;
import org.kiln.pkcs11.Ckm;
import org.kiln.pkcs11.Mechanism;
import org.kiln.pkcs11.Session;
import org.kiln.pkcs11.Template;

/** Makes keys of a keyset, and their check values. */
public final class KeysetKeyMaker {

    private final KeyPolicy policy;
    private final Leaving leaving;

    public KeysetKeyMaker(KeyPolicy policy, Leaving leaving) {
        this.policy = policy;
        this.leaving = leaving;
    }

    /** A new key, which the caller destroys. */
    public long make(Session session, Keyset keyset) {
        return session.generateKey(mechanism(keyset.algorithm()), template(keyset));
    }

    /** A new key that the host may read, to put it into a key block; the caller destroys it. */
    long makeReadable(Session session, Keyset keyset) {
        return session.generateKey(
                mechanism(keyset.algorithm()),
                keyset.algorithm().isDes()
                        ? policy.newReadableCardDesKey(keyset.algorithm() == Keyset.KeyAlgorithm.DES3_3KEY)
                        : policy.newReadableCardKey(keyset.algorithm().octets(), rights(keyset)));
    }

    /** What a key of a keyset must be able to do for its check value. */
    static Cka[] rights(Keyset keyset) {
        return switch (keyset.kcvConvention()) {
            case ZERO_BLOCK -> new Cka[0];
            case GLOBALPLATFORM_AES -> new Cka[] {Cka.ENCRYPT};
            case CMAC -> new Cka[] {Cka.SIGN};
        };
    }

    /** The check value of a key that {@link #make} made, as the keyset wants it. */
    public static String checkValue(Session session, Keyset keyset, long key) {
        return switch (keyset.kcvConvention()) {
            case ZERO_BLOCK -> CheckValues.zeroBlock(session, key);
            case GLOBALPLATFORM_AES -> CheckValues.globalPlatform(session, key);
            case CMAC -> CheckValues.cmac(session, key);
        };
    }

    private static Mechanism mechanism(Keyset.KeyAlgorithm algorithm) {
        return Mechanism.of(
                switch (algorithm) {
                    case AES_128, AES_192, AES_256 -> Ckm.AES_KEY_GEN;
                    case DES3_2KEY -> Ckm.DES2_KEY_GEN;
                    case DES3_3KEY -> Ckm.DES3_KEY_GEN;
                });
    }

    private Template template(Keyset keyset) {
        int octets = keyset.algorithm().octets();
        if (leaving == Leaving.UNDER_A_ONE_TIME_KEY) {
            return deviceKey(keyset, octets);
        }
        if (keyset.algorithm().isDes()) {
            return policy.newCardDesKey(keyset.algorithm() == Keyset.KeyAlgorithm.DES3_3KEY);
        }
        return switch (keyset.kcvConvention()) {
            case ZERO_BLOCK -> policy.newCardKey(octets);
            case GLOBALPLATFORM_AES -> policy.newSubscriberKey(octets);
            case CMAC -> policy.newCardKeyThatSigns(octets);
        };
    }

    private Template deviceKey(Keyset keyset, int octets) {
        if (keyset.algorithm().isDes()) {
            return policy.newDeviceDesKey(keyset.algorithm() == Keyset.KeyAlgorithm.DES3_3KEY);
        }
        return policy.newDeviceKey(octets, rights(keyset));
    }
}
