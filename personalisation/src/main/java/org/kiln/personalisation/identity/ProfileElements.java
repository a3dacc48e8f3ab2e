package org.kiln.personalisation.identity;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1EncodableVector;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.DERTaggedObject;
import org.kiln.kms.subscriber.Algorithm;
import org.kiln.personalisation.profile.Authentication;
import org.kiln.personalisation.profile.CardProfile;
import org.kiln.personalisation.profile.Keyset;

/**
 * Elements of an eUICC profile package (TCA 3.3.1, automatic tags, DER) with wrapped values in place of {@code key},
 * {@code opc} and {@code keyData}: one {@code akaParameter}, and a {@code securityDomain} for each domain that has keys,
 * which is its {@code keyList} alone: {@code instance} and the rest are the platform's.
 */
final class ProfileElements {

    private static final HexFormat HEX = HexFormat.of();
    private static final int MILENAGE = 1;
    private static final int ALGORITHM_OPTIONS = 0;
    private static final long USUAL_DELTA = 1L << 28;
    private static final int AKA_PARAMETER = 4;
    private static final int SECURITY_DOMAIN = 6;
    private static final int KEY_LIST = 2;
    private static final int AES = 0x88;
    private static final int TLS_PSK = 0x85;
    private static final String ISSUER = "";

    private ProfileElements() {}

    /** @throws IdentityException if the elements cannot say what the profile says */
    static void requireExpressible(CardProfile profile) {
        if (!profile.authentication().parsedAlgorithm().equals(Algorithm.Milenage.STANDARD)) {
            throw new IdentityException(
                    Refusal.PROFILE_UNFIT,
                    "a platform gets Milenage with the constants of TS 35.206; profile '" + profile.name()
                            + "' has something else");
        }
        if (profile.authentication().sequences().ageLimit() != 0) {
            throw new IdentityException(
                    Refusal.PROFILE_UNFIT, "profile '" + profile.name() + "' has an age limit, which a platform sets");
        }
    }

    /** The elements, one after the other. */
    static byte[] encode(CardProfile profile, Credential credential) {
        ASN1EncodableVector elements = new ASN1EncodableVector();
        elements.add(akaParameter(1, profile.authentication(), credential));
        int number = 2;
        Map<String, List<Keyset>> domains = new LinkedHashMap<>();
        profile.keysets()
                .forEach(keyset -> domains.computeIfAbsent(
                                Objects.toString(keyset.securityDomain(), ISSUER), any -> new ArrayList<>())
                        .add(keyset));
        for (List<Keyset> keysets : domains.values()) {
            elements.add(securityDomain(number++, keysets, credential));
        }
        try {
            return new DERSequence(elements).getEncoded(ASN1Encoding.DER);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static ASN1Encodable akaParameter(int number, Authentication authentication, Credential credential) {
        ASN1EncodableVector algo = new ASN1EncodableVector();
        algo.add(implicit(0, new ASN1Integer(MILENAGE)));
        algo.add(implicit(1, octets(ALGORITHM_OPTIONS)));
        algo.add(implicit(2, wrapped(credential, "KI")));
        algo.add(implicit(3, wrapped(credential, "OPC")));
        ASN1EncodableVector element = new ASN1EncodableVector();
        element.add(header(number));
        element.add(new DERTaggedObject(true, 1, new DERTaggedObject(false, 1, new DERSequence(algo))));
        if (authentication.sequences().delta() != USUAL_DELTA) {
            element.add(implicit(3, sixOctets(authentication.sequences().delta())));
        }
        return new DERTaggedObject(false, AKA_PARAMETER, new DERSequence(element));
    }

    private static ASN1Encodable securityDomain(int number, List<Keyset> keysets, Credential credential) {
        ASN1EncodableVector keys = new ASN1EncodableVector();
        for (Keyset keyset : keysets) {
            int identifier = 1;
            for (String name : keyset.keyNames()) {
                keys.add(keyObject(keyset, identifier++, name, credential));
            }
        }
        ASN1EncodableVector element = new ASN1EncodableVector();
        element.add(header(number));
        element.add(new DERTaggedObject(false, KEY_LIST, new DERSequence(keys)));
        return new DERTaggedObject(false, SECURITY_DOMAIN, new DERSequence(element));
    }

    private static ASN1Encodable keyObject(Keyset keyset, int identifier, String name, Credential credential) {
        boolean psk = keyset.channel() == Keyset.Channel.SCP81 && identifier == 1;
        ASN1EncodableVector component = new ASN1EncodableVector();
        component.add(implicit(0, octets(psk ? TLS_PSK : AES)));
        component.add(implicit(6, wrapped(credential, name)));
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

    private static DEROctetString wrapped(Credential credential, String name) {
        return new DEROctetString(
                HEX.parseHex(Objects.requireNonNull(credential.keys().get(name))));
    }
}
