package org.kiln.personalisation.generation;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1EncodableVector;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.DERTaggedObject;
import org.kiln.kms.aka.MilenageConstants;
import org.kiln.kms.subscriber.Algorithm;
import org.kiln.personalisation.profile.Authentication;
import org.kiln.personalisation.profile.CardProfile;
import org.kiln.personalisation.profile.Keyset;

/**
 * Elements of an eUICC profile package (TCA 3.3.1, automatic tags, DER) with wrapped values in place of {@code key},
 * {@code opc} and {@code keyData}: one {@code akaParameter}, and a {@code securityDomain} for each domain that has keys,
 * which is its {@code keyList} alone: {@code instance} and the rest are the platform's.
 */
public final class ProfileElements {

    private static final HexFormat HEX = HexFormat.of();
    private static final int MILENAGE = 1;

    /** A RES of 64 bits, which is Milenage's, as TS 35.231 codes lengths of RES; docs/formats.md says what that rests on. */
    private static final int RES_OF_64_BITS = 1;

    private static final long USUAL_DELTA = 1L << 28;
    private static final int AKA_PARAMETER = 4;
    private static final int SECURITY_DOMAIN = 6;
    private static final int KEY_LIST = 2;
    private static final int ROTATIONS = 4;
    private static final int ADDITIONS = 5;
    private static final int BLOCK = 16;
    private static final int AES = 0x88;
    private static final int DES = 0x80;
    private static final int TLS_PSK = 0x85;
    private static final String ISSUER = "";

    private ProfileElements() {}

    /** Why the elements cannot say what a profile says; empty if they can. */
    public static Optional<String> unfit(CardProfile profile) {
        if (!(profile.authentication().parsedAlgorithm() instanceof Algorithm.Milenage)) {
            return Optional.of("a platform gets Milenage; profile '" + profile.name()
                    + "' has something else, of which the published ASN.1 does not say how its sizes are told:"
                    + " give it a profile of Milenage");
        }
        return profile.authentication().sequences().ageLimit() == 0
                ? Optional.empty()
                : Optional.of("profile '" + profile.name() + "' has an age limit, and the published ASN.1 does"
                        + " not say which bit of sqnOptions switches it on: give the platform a profile whose ageLimit is 0,"
                        + " and have it set the limit");
    }

    /**
     * The elements, one after the other.
     *
     * @param wrapped what stands for a key, in hexadecimal, by the name that card files give it
     */
    public static byte[] encode(CardProfile profile, Map<String, String> wrapped) {
        ASN1EncodableVector elements = new ASN1EncodableVector();
        elements.add(akaParameter(1, profile.authentication(), wrapped));
        int number = 2;
        Map<String, List<Keyset>> domains = new LinkedHashMap<>();
        profile.keysets()
                .forEach(keyset -> domains.computeIfAbsent(
                                Objects.toString(keyset.securityDomain(), ISSUER), any -> new ArrayList<>())
                        .add(keyset));
        for (List<Keyset> keysets : domains.values()) {
            elements.add(securityDomain(number++, keysets, wrapped));
        }
        try {
            return new DERSequence(elements).getEncoded(ASN1Encoding.DER);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static ASN1Encodable akaParameter(int number, Authentication authentication, Map<String, String> wrapped) {
        ASN1EncodableVector algo = new ASN1EncodableVector();
        algo.add(implicit(0, new ASN1Integer(MILENAGE)));
        algo.add(implicit(1, octets(RES_OF_64_BITS)));
        algo.add(implicit(2, octets(wrapped, "KI")));
        algo.add(implicit(3, octets(wrapped, "OPC")));
        if (authentication.parsedAlgorithm() instanceof Algorithm.Milenage(MilenageConstants constants)) {
            constants(algo, constants);
        }
        ASN1EncodableVector element = new ASN1EncodableVector();
        element.add(header(number));
        element.add(new DERTaggedObject(true, 1, new DERTaggedObject(false, 1, new DERSequence(algo))));
        if (authentication.sequences().delta() != USUAL_DELTA) {
            element.add(implicit(3, sixOctets(authentication.sequences().delta())));
        }
        return new DERTaggedObject(false, AKA_PARAMETER, new DERSequence(element));
    }

    /** Rotations as octets and additions as blocks, each only if it is not the standard's: DER leaves defaults out. */
    private static void constants(ASN1EncodableVector algo, MilenageConstants own) {
        if (!own.rotations().equals(MilenageConstants.STANDARD.rotations())) {
            byte[] rotations = new byte[own.rotations().size()];
            for (int i = 0; i < rotations.length; i++) {
                rotations[i] = own.rotations().get(i).byteValue();
            }
            algo.add(implicit(ROTATIONS, new DEROctetString(rotations)));
        }
        if (!own.additions().equals(MilenageConstants.STANDARD.additions())) {
            ByteBuffer additions = ByteBuffer.allocate(BLOCK * own.additions().size());
            own.additions().forEach(each -> additions.putLong(each.high()).putLong(each.low()));
            algo.add(implicit(ADDITIONS, new DEROctetString(additions.array())));
        }
    }

    private static ASN1Encodable securityDomain(int number, List<Keyset> keysets, Map<String, String> wrapped) {
        ASN1EncodableVector keys = new ASN1EncodableVector();
        for (Keyset keyset : keysets) {
            int identifier = 1;
            for (String name : keyset.keyNames()) {
                keys.add(keyObject(keyset, identifier++, name, wrapped));
            }
        }
        ASN1EncodableVector element = new ASN1EncodableVector();
        element.add(header(number));
        element.add(new DERTaggedObject(false, KEY_LIST, new DERSequence(keys)));
        return new DERTaggedObject(false, SECURITY_DOMAIN, new DERSequence(element));
    }

    private static ASN1Encodable keyObject(Keyset keyset, int identifier, String name, Map<String, String> wrapped) {
        boolean psk = keyset.channel() == Keyset.Channel.SCP81 && identifier == 1;
        ASN1EncodableVector component = new ASN1EncodableVector();
        component.add(implicit(0, octets(keyType(keyset, psk))));
        component.add(implicit(6, octets(wrapped, name)));
        ASN1EncodableVector key = new ASN1EncodableVector();
        key.add(implicit(21, octets(usage(keyset.channel(), identifier))));
        key.add(implicit(2, octets(identifier)));
        key.add(implicit(3, octets(keyset.keyVersion())));
        if (keyset.channel() == Keyset.Channel.SCP80) {
            long counter = keyset.counter() == null ? 0 : keyset.counter();
            key.add(implicit(5, new DEROctetString(HEX.parseHex(HEX.toHexDigits(counter, 10)))));
        }
        key.add(new DERSequence(new DERSequence(component)));
        return new DERSequence(key);
    }

    private static int keyType(Keyset keyset, boolean psk) {
        if (psk) {
            return TLS_PSK;
        }
        return keyset.algorithm().isDes() ? DES : AES;
    }

    /** Key usage qualifiers as GlobalPlatform has them (Card Specification, clause 11.1.9). */
    private static int usage(Keyset.Channel channel, int identifier) {
        if (channel == Keyset.Channel.SCP81) {
            return identifier == 1 ? 0x3C : 0x48;
        }
        return switch (identifier) {
            case 1 -> 0x18;
            case 2 -> 0x14;
            default -> 0x48;
        };
    }

    private static ASN1Encodable header(int number) {
        return new DERTaggedObject(false, 0, new DERSequence(implicit(1, new ASN1Integer(number))));
    }

    private static ASN1Encodable implicit(int tag, ASN1Encodable value) {
        return new DERTaggedObject(false, tag, value);
    }

    private static DEROctetString octets(int octet) {
        return new DEROctetString(new byte[] {(byte) octet});
    }

    private static DEROctetString sixOctets(long value) {
        return new DEROctetString(HEX.parseHex(HEX.toHexDigits(value, 12)));
    }

    private static DEROctetString octets(Map<String, String> wrapped, String name) {
        return new DEROctetString(HEX.parseHex(Objects.requireNonNull(wrapped.get(name))));
    }
}
