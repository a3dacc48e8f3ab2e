package org.kiln.kms.subscriber;

import java.util.Set;
import org.kiln.kms.aka.AkaException;
import org.kiln.kms.aka.MilenageConstants;
import org.kiln.kms.keys.KeyLabels;

/**
 * Which engine serves which subscriber: the site's decision, and the place where his Ki lies. Ki of the guarded host lies
 * under {@code SKH}, every other under {@code SK}; neither is ever used the other way.
 *
 * @param vendor labels of algorithms that the token's own mechanisms compute
 * @param guardedHost labels of algorithms whose Ki the host may read, and {@value #KEY_BLOCKS}
 * @param laboratory whether the XOR test algorithm is on
 */
public record EngineChoice(Set<String> vendor, Set<String> guardedHost, boolean laboratory) {

    /** Milenage from AES blocks, and nothing else. */
    public static final EngineChoice PORTABLE_ONLY = new EngineChoice(Set.of(), Set.of(), false);

    /** Stands among {@link #guardedHost} where the host may make and open key blocks (ANSI X9.143). */
    public static final String KEY_BLOCKS = "key-blocks";

    private static final int KEY_WRAP_OVERHEAD = 8;

    public EngineChoice {
        vendor = Set.copyOf(vendor);
        guardedHost = Set.copyOf(guardedHost);
    }

    /**
     * The engine of a subscriber who is about to be taken in, which decides where his Ki goes.
     *
     * @throws AkaException.NotSwitchedOn if there is none
     */
    public Engine forNew(Algorithm algorithm) {
        if (vendor.contains(algorithm.label()) && vendorTakes(algorithm)) {
            return Engine.VENDOR;
        }
        if (algorithm instanceof Algorithm.Milenage) {
            return Engine.PORTABLE;
        }
        requireGuardedHost(algorithm);
        return Engine.GUARDED_HOST;
    }

    /**
     * The engine of a subscriber in the store.
     *
     * @throws AkaException if his algorithm is not switched on, or his Ki has a length or a place that is not its
     */
    public Engine of(Subscriber subscriber) {
        Algorithm algorithm = subscriber.algorithm();
        algorithm.requireKeyOctets(subscriber.ki().blob().length - KEY_WRAP_OVERHEAD);
        if (KeyLabels.isHostStorage(subscriber.ki().keyLabel())) {
            if (algorithm instanceof Algorithm.Milenage) {
                throw new AkaException.WrongKeyType(
                        "a Ki of Milenage lies under the host storage key, where the host may"
                                + " read it; import the subscriber anew");
            }
            requireGuardedHost(algorithm);
            return Engine.GUARDED_HOST;
        }
        Engine engine = forNew(algorithm);
        if (engine == Engine.GUARDED_HOST) {
            throw new AkaException.WrongKeyType(
                    "the Ki lies under a storage key that hides it from the host, and the token"
                            + " has no mechanism for " + algorithm.label() + "; import the subscriber anew");
        }
        return engine;
    }

    /** Whether the host may put keys that it may read into key blocks. */
    public boolean makesKeyBlocks() {
        return guardedHost.contains(KEY_BLOCKS);
    }

    /** Operators' own constants would need an object of the vendor's kind in the token. */
    private static boolean vendorTakes(Algorithm algorithm) {
        return !(algorithm instanceof Algorithm.Milenage(MilenageConstants constants))
                || constants.equals(MilenageConstants.STANDARD);
    }

    private void requireGuardedHost(Algorithm algorithm) {
        if (algorithm == Algorithm.Xor.XOR) {
            if (!laboratory) {
                throw new AkaException.NotSwitchedOn(
                        algorithm.label(), "it protects nothing and is for laboratories: --lab");
            }
        } else if (!guardedHost.contains(algorithm.label())) {
            throw new AkaException.NotSwitchedOn(
                    algorithm.label(),
                    "the token cannot compute it, so the host would have to read Ki: list it in auc.guardedHost if that"
                            + " is accepted");
        }
    }
}
