package org.kiln.personalisation.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.HexFormat;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.asn1.ASN1Object;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.ASN1TaggedObject;
import org.bouncycastle.asn1.BERTags;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kiln.kms.aka.AuthenticationVector;
import org.kiln.kms.keys.OneTimeKeys;
import org.kiln.kms.store.ScratchDatabase;
import org.kiln.personalisation.demo.FieldDevice;
import org.kiln.personalisation.demo.Usim;
import org.kiln.personalisation.document.Documents;
import org.kiln.transfer.numbering.Eid;

/** An SM-DP+ gets an eUICC's keys in its place. */
@Tag(ScratchDatabase.TAG)
class ProfileFragmentTest {

    private static final String EID =
            Eid.withCheckDigits("890010120000000000000000000042").digits();
    private static final String PROFILE =
            IdentityShop.EMBEDDED.replace("name: meter", "name: esim").replace("EMBEDDED", "EUICC_PROFILE");

    @TempDir
    private Path folder;

    private IdentityShop shop;
    private FieldDevice euicc;
    private FieldDevice.Wish wish;

    @BeforeEach
    void open() throws Exception {
        shop = new IdentityShop(folder, OneTimeKeys.Place.TOKEN);
        shop.publish(PROFILE);
        shop.introducePlatform();
        euicc = shop.device(EID, FieldDevice.WrappedFor.CERTIFIED_KEY);
        wish = new FieldDevice.Wish(
                euicc.nonce(), "laboratory", "esim", "lab-iccid", "lab-imsi", null, IdentityShop.PLATFORM);
    }

    @AfterEach
    void close() {
        shop.close();
    }

    private byte[] unwrap(byte[] wrapped) throws GeneralSecurityException {
        Cipher kwp = Cipher.getInstance("AES/KWP/NoPadding");
        kwp.init(Cipher.UNWRAP_MODE, shop.transportKey());
        return kwp.unwrap(wrapped, "AES", Cipher.SECRET_KEY).getEncoded();
    }

    private static ProfileFragment read(SealedPackage sealed) {
        return Documents.readJson("the fragment", Base64.getDecoder().decode(sealed.content()), ProfileFragment.class);
    }

    private static ASN1Object member(ASN1Sequence sequence, int tag, int type) throws Exception {
        for (var each : sequence) {
            if (each instanceof ASN1TaggedObject tagged && tagged.getTagNo() == tag) {
                return tagged.getBaseUniversal(false, type);
            }
        }
        throw new AssertionError("no member [" + tag + "]");
    }

    private static ASN1Sequence sequence(ASN1Sequence of, int tag) throws Exception {
        return (ASN1Sequence) member(of, tag, BERTags.SEQUENCE);
    }

    private static byte[] octets(ASN1Sequence of, int tag) throws Exception {
        return ((ASN1OctetString) member(of, tag, BERTags.OCTET_STRING)).getOctets();
    }

    @Test
    void thePlatformOpensTheElementsAndTheCardAuthenticates() throws Exception {
        DeviceIdentity issued = shop.ask(euicc, wish);
        SealedPackage sealed = shop.exchange.deliver(issued.id(), true, "smdp");
        ProfileFragment fragment = read(sealed);
        assertThat(fragment.notice()).contains("wrapped");
        assertThat(fragment.credential().sent()).isEqualTo(IdentityShop.PLATFORM_KEY);

        ASN1Sequence elements = ASN1Sequence.getInstance(Base64.getDecoder().decode(fragment.elements()));
        ASN1TaggedObject aka = (ASN1TaggedObject) elements.getObjectAt(0);
        assertThat(aka.getTagNo()).isEqualTo(4);
        ASN1Sequence akaParameter = (ASN1Sequence) aka.getBaseUniversal(false, BERTags.SEQUENCE);
        ASN1TaggedObject choice =
                (ASN1TaggedObject) ((ASN1TaggedObject) akaParameter.getObjectAt(1)).getExplicitBaseObject();
        assertThat(choice.getTagNo()).isEqualTo(1);
        ASN1Sequence algorithm = (ASN1Sequence) choice.getBaseUniversal(false, BERTags.SEQUENCE);
        byte[] ki = unwrap(octets(algorithm, 2));
        byte[] opc = unwrap(octets(algorithm, 3));

        var confirmation = euicc.confirmation(issued.id(), wish.nonce(), sealed.sha256());
        shop.exchange.confirm(issued.id(), confirmation.get("sha256"), confirmation.get("signature"), "operator");
        AuthenticationVector.FiveGHe vector = shop.vector(issued.issue().supi());
        try (Arena arena = Arena.ofConfined()) {
            Usim usim = new Usim(
                    (in, length, out) -> encrypt(ki, in, length, out), arena.allocateFrom(ValueLayout.JAVA_BYTE, opc));
            assertThat(usim.challenge(vector.rand(), vector.autn())).isInstanceOf(Usim.Accepted.class);
        }
    }

    private static void encrypt(byte[] key, MemorySegment in, int length, MemorySegment out) {
        try {
            Cipher aes = Cipher.getInstance("AES/ECB/NoPadding");
            aes.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "AES"));
            byte[] blocks = aes.doFinal(in.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE));
            MemorySegment.copy(blocks, 0, out, ValueLayout.JAVA_BYTE, 0, blocks.length);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void keysOfTheSecurityDomainHaveTheirNumbersAndUses() throws Exception {
        ProfileFragment fragment =
                read(shop.exchange.deliver(shop.ask(euicc, wish).id(), true, "smdp"));
        ASN1Sequence elements = ASN1Sequence.getInstance(Base64.getDecoder().decode(fragment.elements()));
        ASN1TaggedObject domain = (ASN1TaggedObject) elements.getObjectAt(1);
        assertThat(domain.getTagNo()).isEqualTo(6);
        ASN1Sequence keys = sequence((ASN1Sequence) domain.getBaseUniversal(false, BERTags.SEQUENCE), 2);

        StringBuilder seen = new StringBuilder();
        for (var each : keys) {
            ASN1Sequence key = (ASN1Sequence) each;
            ASN1Sequence component = (ASN1Sequence) ((ASN1Sequence) key.getObjectAt(key.size() - 1)).getObjectAt(0);
            seen.append(hex(octets(key, 3)))
                    .append(' ')
                    .append(hex(octets(key, 2)))
                    .append(' ')
                    .append(hex(octets(key, 21)))
                    .append(' ')
                    .append(hex(octets(component, 0)))
                    .append(' ')
                    .append(unwrap(octets(component, 6)).length)
                    .append('\n');
        }
        assertThat(seen.toString()).isEqualTo("""
                01 01 18 88 16
                01 02 14 88 16
                01 03 48 88 16
                40 01 3c 85 32
                40 02 48 88 32
                """);
    }

    private static String hex(byte[] octets) {
        return HexFormat.of().formatHex(octets);
    }

    @Test
    void theDeviceItselfGetsNothing() {
        DeviceIdentity issued = shop.ask(euicc, wish);

        assertThatThrownBy(() -> shop.exchange.deliver(issued.id(), false, "broker-1"))
                .isInstanceOfSatisfying(
                        IdentityException.class, e -> assertThat(e.refusal()).isEqualTo(Refusal.IDENTITY_STATE));
    }

    @Test
    void whatTheElementsCannotSayIsRefused() {
        shop.publish(PROFILE.replace("name: esim", "name: aged")
                .replace(
                        "operatorConstant: laboratory}",
                        "operatorConstant: laboratory, sequenceNumbers: {scheme: TIME_BASED, indLength: 5, delta: 1000,"
                                + " ageLimit: 7}}"));

        assertThatThrownBy(() -> shop.ask(
                        euicc,
                        new FieldDevice.Wish(
                                euicc.nonce(),
                                "laboratory",
                                "aged",
                                "lab-iccid",
                                "lab-imsi",
                                null,
                                IdentityShop.PLATFORM)))
                .isInstanceOfSatisfying(
                        IdentityException.class, e -> assertThat(e.refusal()).isEqualTo(Refusal.PROFILE_UNFIT));
    }
}
