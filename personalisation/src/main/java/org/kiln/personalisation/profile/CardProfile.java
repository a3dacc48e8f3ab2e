package org.kiln.personalisation.profile;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.kiln.personalisation.document.Rules;

/**
 * What every card of an order has.
 *
 * @param name of the profile; versions of one name follow each other
 * @param authentication how it authenticates
 * @param codes rules by code: {@code ADM1} to {@code ADM10}, {@code PIN1}, {@code PUK1}, {@code PIN2}, {@code PUK2}
 * @param keysets keys to manage the card with
 * @param recipients who gets a file of his own besides the card vendor
 * @param retain names of codes and keys that the operator keeps, wrapped, when an order is closed; all others are
 *     destroyed then
 */
public record CardProfile(
        @JsonProperty(required = true) String name,
        @JsonProperty(required = true) CardKind cardKind,
        @JsonProperty(required = true) Authentication authentication,
        @Nullable Map<String, CodeRule> codes,
        @Nullable List<Keyset> keysets,
        @Nullable List<Recipient> recipients,
        @Nullable List<String> retain) {

    private static final String CODE = "ADM(?:[1-9]|10)|PIN[12]|PUK[12]";
    private static final int MOST_KEYSETS = 32;

    /**
     * Somebody who gets a file of each order.
     *
     * @param partner as the register of partners names him
     * @param share what the file has
     */
    public record Recipient(
            @JsonProperty(required = true) String partner,
            @JsonProperty(required = true) Share share) {

        public Recipient {
            Rules.name("partner", partner);
            Rules.present("share", share);
            Rules.require(share != Share.CARD_VENDOR, "share CARD_VENDOR is the one who orders");
        }
    }

    public CardProfile {
        Rules.name("name", name);
        Rules.present("cardKind", cardKind);
        Rules.present("authentication", authentication);
        codes = Rules.map("codes", codes);
        keysets = Rules.list("keysets", keysets);
        recipients = Rules.list("recipients", recipients);
        retain = Rules.list("retain", retain);
        checkCodes(codes);
        Rules.require(keysets.size() <= MOST_KEYSETS, "keysets has at most " + MOST_KEYSETS + " entries");
        Set<String> names = new HashSet<>(codes.keySet());
        for (Keyset keyset : keysets) {
            for (String key : keyset.keyNames()) {
                Rules.require(
                        names.add(key),
                        "keysets has " + key + " twice: give a keyset a keyVersion or securityDomain of its own");
            }
        }
        for (String kept : retain) {
            Rules.require(names.contains(kept), "retain names " + kept + ", which is no code or key of the profile");
        }
        Rules.require(recipients.stream().distinct().count() == recipients.size(), "recipients has an entry twice");
    }

    private static void checkCodes(Map<String, CodeRule> codes) {
        codes.forEach((code, rule) -> {
            Rules.require(
                    code.matches(CODE), "codes has " + code + "; there are ADM1 to ADM10, PIN1, PUK1, PIN2, PUK2");
            Rules.require(
                    !(rule instanceof CodeRule.Disabled) || code.startsWith("PIN"),
                    "only a PIN is disabled, not " + code);
        });
        for (String number : List.of("1", "2")) {
            CodeRule pin = codes.get("PIN" + number);
            Rules.require(
                    pin == null || pin instanceof CodeRule.Disabled || codes.containsKey("PUK" + number),
                    "codes has PIN" + number + " and no PUK" + number + " to unblock it with");
        }
    }

    /** The rules in the order in which files list the codes. */
    public SortedMap<String, CodeRule> codesInOrder() {
        return new TreeMap<>(codes == null ? Map.of() : codes);
    }

    /**
     * How many octets a secret of the card has.
     *
     * @param name of Ki ({@code KI}), OPc or TOPc, a code or a key
     * @throws IllegalArgumentException if the card has none of this name
     */
    public int octetsOf(String name) {
        if (name.equals("KI")) {
            return authentication.octetsOfKey();
        }
        if (name.equals("OPC") || name.equals("TOPC")) {
            return authentication.parsedAlgorithm().opcOctets();
        }
        if (codesInOrder().containsKey(name)) {
            return CodeRule.OCTETS;
        }
        return keysets().stream()
                .filter(keyset -> keyset.keyNames().contains(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("the profile has no secret " + name))
                .algorithm()
                .octets();
    }

    @Override
    public List<Keyset> keysets() {
        return keysets == null ? List.of() : keysets;
    }

    @Override
    public List<Recipient> recipients() {
        return recipients == null ? List.of() : recipients;
    }

    @Override
    public List<String> retain() {
        return retain == null ? List.of() : retain;
    }
}
