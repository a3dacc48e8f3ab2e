package org.kiln.personalisation.profile;

import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What every card of an order has.
 *
 * @param amf the AMF of its authentication, four hexadecimal digits
 * @param codes rules by code; all five must have one
 * @param otaKeysets each with another key version
 */
public record CardProfile(
        CardKind cardKind, AlgorithmName algorithm, String amf, Map<Code, CodeRule> codes, List<OtaKeyset> otaKeysets) {

    /** The body of the card. */
    public enum CardKind {
        UICC
    }

    /** The authentication algorithm. */
    public enum AlgorithmName {
        MILENAGE
    }

    /** The codes of a UICC, in the order in which files list them. */
    public enum Code {
        ADM1,
        PIN1,
        PUK1,
        PIN2,
        PUK2
    }

    private static final int MOST_KEYSETS = 15;

    public CardProfile {
        if (!amf.matches("[0-9A-Fa-f]{4}")) {
            throw new IllegalArgumentException("amf has four hexadecimal digits");
        }
        codes = Map.copyOf(codes);
        for (Code code : Code.values()) {
            if (!codes.containsKey(code)) {
                throw new IllegalArgumentException("codes lacks a rule for " + code);
            }
        }
        otaKeysets = List.copyOf(otaKeysets);
        long versions =
                otaKeysets.stream().map(OtaKeyset::keyVersion).distinct().count();
        if (versions != otaKeysets.size() || otaKeysets.size() > MOST_KEYSETS) {
            throw new IllegalArgumentException("each OTA keyset has a key version of its own, 1 to 15");
        }
    }

    public int amfValue() {
        return Integer.parseInt(amf, 16);
    }

    /** The rules in the order in which files list the codes. */
    public SortedMap<Code, CodeRule> codesInOrder() {
        return new TreeMap<>(codes);
    }
}
