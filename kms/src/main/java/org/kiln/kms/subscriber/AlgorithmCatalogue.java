package org.kiln.kms.subscriber;

import java.util.Map;
import org.kiln.kms.aka.AkaException;

/**
 * The algorithms that a load file may name.
 *
 * @param engines which of them are switched on
 * @param profiles algorithms with an operator's own choices, by the names that he gave them
 */
public record AlgorithmCatalogue(EngineChoice engines, Map<String, Algorithm> profiles) {

    /** Milenage with the constants of TS 35.206, and nothing else. */
    public static final AlgorithmCatalogue MILENAGE_ONLY = new AlgorithmCatalogue(EngineChoice.PORTABLE_ONLY, Map.of());

    public AlgorithmCatalogue {
        profiles = Map.copyOf(profiles);
    }

    /**
     * The algorithm of this name, which is switched on.
     *
     * @throws AkaException if there is none, or it is not switched on
     */
    public Algorithm named(String name) {
        Algorithm profile = profiles.get(name);
        Algorithm algorithm = profile == null ? AlgorithmText.parse(name, "") : profile;
        engines.forNew(algorithm);
        return algorithm;
    }

    /** The name under which an algorithm would be given to {@link #named}; the label alone if no profile has it now. */
    public String nameOf(Algorithm algorithm) {
        return profiles.entrySet().stream()
                .filter(profile -> profile.getValue().equals(algorithm)
                        && !algorithm.parameters().isEmpty())
                .map(Map.Entry::getKey)
                .sorted()
                .findFirst()
                .orElse(algorithm.label());
    }
}
