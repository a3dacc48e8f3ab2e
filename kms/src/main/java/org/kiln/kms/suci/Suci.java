package org.kiln.kms.suci;

import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A subscription concealed identifier in its text form (TS 23.003 clause 2.2B, TS 29.571 clause 5.3.2):
 * {@code suci-0-<mcc>-<mnc>-<routing>-<scheme>-<key>-<output>} for an IMSI, {@code suci-1-<realm>-…} for a NAI.
 *
 * @param homeNetwork MCC and MNC in one, or the realm
 * @param routingIndicator 1 to 4 digits
 * @param keyIdentifier 0 to 255; 0 for the null scheme
 * @param output the scheme output: hexadecimal, or for the null scheme the MSIN or the user's name
 */
public record Suci(
        Type type,
        String homeNetwork,
        String routingIndicator,
        ProtectionScheme scheme,
        int keyIdentifier,
        String output) {

    /** Whom a SUCI names, and how (TS 23.003 clause 2.2B, SUPI type). */
    public enum Type {
        IMSI,
        NAI
    }

    private static final int LONGEST = 3000;
    private static final int HIGHEST_IDENTIFIER = 255;

    private static final Pattern FORM = Pattern.compile(
            "suci-(?:0-([0-9]{3})-([0-9]{2,3})|1-([A-Za-z0-9.-]{1,253}?))-([0-9]{1,4})-([0-9A-Fa-f])-([0-9]{1,3})-(.+)");

    /**
     * Reads a SUCI.
     *
     * @throws SuciException.Malformed if it is none
     * @throws SuciException.UnsupportedScheme if its scheme is not served
     */
    public static Suci parse(String text) {
        Matcher matcher = FORM.matcher(text.length() > LONGEST ? "" : text);
        if (!matcher.matches()) {
            throw new SuciException.Malformed(
                    "is not of the form suci-0-001-01-<routing>-<scheme>-<key>-<output>, nor suci-1-<realm>-…");
        }
        int code = HexFormat.fromHexDigit(matcher.group(5).charAt(0));
        int identifier = Integer.parseInt(matcher.group(6));
        String output = matcher.group(7);
        if (identifier > HIGHEST_IDENTIFIER) {
            throw new SuciException.Malformed("has a home-network public key identifier above 255");
        }
        ProtectionScheme scheme =
                ProtectionScheme.of(code).orElseThrow(() -> new SuciException.UnsupportedScheme(code));
        if (scheme == ProtectionScheme.NULL && identifier != 0) {
            throw new SuciException.Malformed("has the null scheme and a key identifier other than 0");
        }
        if (scheme != ProtectionScheme.NULL && !output.chars().allMatch(HexFormat::isHexDigit)) {
            throw new SuciException.Malformed("has a scheme output that is not hexadecimal");
        }
        boolean imsi = matcher.group(1) != null;
        return new Suci(
                imsi ? Type.IMSI : Type.NAI,
                imsi ? matcher.group(1) + matcher.group(2) : matcher.group(3),
                matcher.group(4),
                scheme,
                identifier,
                output);
    }

    /** The scheme output of profiles A and B. */
    byte[] outputOctets() {
        if (output.length() % 2 != 0) {
            throw new SuciException.InvalidOutput("an odd number of hexadecimal digits");
        }
        return HexFormat.of().parseHex(output);
    }

    /** Without the output, which the null scheme does not hide. */
    @Override
    public String toString() {
        return "Suci[" + type + ", routing " + routingIndicator + ", " + scheme + ", key " + keyIdentifier + "]";
    }
}
