package org.kiln.transfer.envelope;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import org.bouncycastle.asn1.nist.NISTObjectIdentifiers;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cms.CMSEnvelopedDataGenerator;
import org.bouncycastle.cms.CMSProcessableByteArray;
import org.bouncycastle.cms.CMSSignedData;
import org.bouncycastle.cms.CMSSignedDataGenerator;
import org.bouncycastle.cms.SignerInfoGenerator;
import org.bouncycastle.cms.jcajce.JcaSignerInfoGeneratorBuilder;
import org.bouncycastle.cms.jcajce.JceCMSContentEncryptorBuilder;
import org.bouncycastle.cms.jcajce.JceKeyTransRecipientInfoGenerator;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.operator.jcajce.JcaDigestCalculatorProviderBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EnvelopeFaultsTest {

    private static final Pki PKI = Pki.shared();
    private static final byte[] CONTENT =
            "a content of some length, to be found nowhere in clear".repeat(3).getBytes(StandardCharsets.US_ASCII);

    @TempDir
    private Path folder;

    @Test
    void anotherRecipientIsToldSo() throws IOException {
        Pki others = Pki.another("Other CA");
        byte[] toRsa = Envelopes.seal(CONTENT, PKI.rsa.certificate());
        byte[] toBoth = Envelopes.seal(CONTENT, PKI.rsa.certificate(), PKI.ec.certificate());

        refused(PKI.ec, toRsa, EnvelopeException.NotForThisRecipient.class, "has 1 other recipient");
        refused(others.rsa, toBoth, EnvelopeException.NotForThisRecipient.class, "has 2 other recipient");
        refused(others.ec, toBoth, EnvelopeException.NotForThisRecipient.class, "has 2 other recipient");
    }

    @Test
    void aWrongKeyLooksLikeTampering() throws IOException {
        byte[] envelope = Envelopes.seal(CONTENT, PKI.rsa.certificate(), PKI.ec.certificate());
        Identity wrongRsa = Identity.inMemory(Pki.rsaKeys(2048).getPrivate(), PKI.rsa.certificate());
        Identity shortRsa = Identity.inMemory(Pki.rsaKeys(1024).getPrivate(), PKI.rsa.certificate());
        Identity wrongEc = Identity.inMemory(Pki.ecKeys("P-256").getPrivate(), PKI.ec.certificate());

        for (Identity wrong : List.of(wrongRsa, shortRsa, wrongEc)) {
            refused(wrong, envelope, EnvelopeException.TamperedOrWrongKey.class, "was changed on its way");
        }
    }

    @Test
    void aFlipOfAnyBitIsNoticedAndATagIsNeverExplained() throws IOException {
        byte[] envelope = Envelopes.seal(CONTENT, PKI.ec.certificate());
        int ciphertext = envelope.length / 2;
        int tag = envelope.length - 12;
        for (int at : new int[] {ciphertext, tag}) {
            byte[] changed = envelope.clone();
            changed[at] ^= 1;
            assertThatThrownBy(() -> Envelopes.open(Envelopes.opener(PKI.ec), folder, changed))
                    .isInstanceOf(EnvelopeException.TamperedOrWrongKey.class)
                    .hasNoCause()
                    .hasNoSuppressedExceptions();
        }
    }

    @Test
    void tamperedWrappedKeysLookLikeAnyOtherTampering() throws IOException {
        for (Identity recipient : List.of(PKI.rsa, PKI.ec)) {
            byte[] envelope = Envelopes.seal(CONTENT, recipient.certificate());
            int headEnd = indexOf(envelope, new byte[] {0x60, (byte) 0x86, 0x48, 1, 0x65, 3, 4, 1, 0x2E});
            byte[] changed = envelope.clone();
            changed[headEnd - 40] ^= 1;

            refused(recipient, changed, EnvelopeException.TamperedOrWrongKey.class, "was changed on its way");
        }
    }

    @Test
    void everyCutIsNoticed() throws IOException {
        byte[] envelope = Envelopes.seal(CONTENT, PKI.ec.certificate());
        for (int length = 0; length < envelope.length; length += length < 600 ? 1 : 37) {
            refused(PKI.ec, Arrays.copyOf(envelope, length), EnvelopeException.Truncated.class, "ends too early");
        }
        refused(
                PKI.ec,
                Arrays.copyOf(envelope, envelope.length - 1),
                EnvelopeException.Truncated.class,
                "ends too early");
    }

    @Test
    void whatFollowsIsRefused() throws IOException {
        byte[] envelope = Envelopes.seal(CONTENT, PKI.ec.certificate());

        refused(
                PKI.ec,
                Arrays.copyOf(envelope, envelope.length + 1),
                EnvelopeException.NotCms.class,
                "something follows");
    }

    @Test
    void otherFilesAreNoEnvelopes() throws Exception {
        byte[] envelope = Envelopes.seal(CONTENT, PKI.ec.certificate());
        byte[] signed = Envelopes.decrypt(envelope, PKI.ec);
        refused(PKI.ec, "PK\3\4 a zip".getBytes(StandardCharsets.US_ASCII), EnvelopeException.NotCms.class, "tag 50");
        refused(
                PKI.ec,
                ("-----BEGIN CMS-----\n" + Base64.getEncoder().encodeToString(envelope))
                        .getBytes(StandardCharsets.US_ASCII),
                EnvelopeException.NotCms.class,
                "binary form");
        refused(PKI.ec, signed, EnvelopeException.NotCms.class, "content type is 1.2.840.113549.1.7.2");
        refused(PKI.ec, PKI.ec.certificate().getEncoded(), EnvelopeException.NotCms.class, "tag");
        refused(
                PKI.ec,
                Envelopes.encrypt(CONTENT, NISTObjectIdentifiers.id_aes256_GCM, PKI.ec.certificate()),
                EnvelopeException.NotCms.class,
                "tag");
        refused(
                PKI.ec,
                Envelopes.encrypt(envelope, NISTObjectIdentifiers.id_aes256_GCM, PKI.ec.certificate()),
                EnvelopeException.NotCms.class,
                "inner content type");
    }

    @Test
    void authenticatedGarbageIsNotTampering() throws IOException {
        byte[] signed = Envelopes.decrypt(Envelopes.seal(CONTENT, PKI.ec.certificate()), PKI.ec);
        byte[] cut = Arrays.copyOf(signed, signed.length - 30);

        refused(
                PKI.ec,
                Envelopes.encrypt(cut, NISTObjectIdentifiers.id_aes256_GCM, PKI.ec.certificate()),
                EnvelopeException.Truncated.class,
                "ends too early");
    }

    @Test
    void otherAlgorithmsAreNamed() throws Exception {
        byte[] signed = Envelopes.decrypt(Envelopes.seal(CONTENT, PKI.ec.certificate()), PKI.ec);
        refused(
                PKI.ec,
                Envelopes.encrypt(signed, NISTObjectIdentifiers.id_aes128_GCM, PKI.ec.certificate()),
                EnvelopeException.UnsupportedAlgorithm.class,
                "2.16.840.1.101.3.4.1.6");
        refused(
                PKI.rsa,
                Envelopes.encrypt(
                        signed,
                        NISTObjectIdentifiers.id_aes256_GCM,
                        new JceKeyTransRecipientInfoGenerator(PKI.rsa.certificate()).setProvider(Algorithms.PROVIDER)),
                EnvelopeException.UnsupportedAlgorithm.class,
                "RSA-OAEP with SHA-256");
        CMSEnvelopedDataGenerator old = new CMSEnvelopedDataGenerator();
        old.addRecipientInfoGenerator(
                new JceKeyTransRecipientInfoGenerator(PKI.rsa.certificate()).setProvider(Algorithms.PROVIDER));
        byte[] cbc = old.generate(
                        new CMSProcessableByteArray(signed),
                        new JceCMSContentEncryptorBuilder(NISTObjectIdentifiers.id_aes256_CBC)
                                .setProvider(Algorithms.PROVIDER)
                                .build())
                .getEncoded();
        refused(PKI.rsa, cbc, EnvelopeException.NotCms.class, "content type is 1.2.840.113549.1.7.3");
    }

    @Test
    void signaturesNeedSignedAttributesAndSha256() throws Exception {
        refused(PKI.ec, signedBy("SHA256withECDSA", true), EnvelopeException.UnsupportedAlgorithm.class, "attributes");
        refused(PKI.ec, signedBy("SHA384withECDSA", false), EnvelopeException.UnsupportedAlgorithm.class, "SHA-256");
        CMSSignedData none = new CMSSignedDataGenerator().generate(new CMSProcessableByteArray(CONTENT), true);
        refused(PKI.ec, encrypted(none.getEncoded()), EnvelopeException.NotCms.class, "0 signatures");
    }

    @Test
    void unknownSignersAreRefused() throws IOException {
        Pki others = Pki.another("Other CA");
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        new Sealer(others.signer, List.of(PKI.ec.certificate()), Pki.CLOCK).seal(out, to -> to.write(CONTENT));

        refused(PKI.ec, out.toByteArray(), EnvelopeException.UntrustedSigner.class, "none of the 1 pinned");
        Opener byAuthority = new Opener(PKI.ec, SignerTrust.issuedBy(PKI.authority), Pki.CLOCK);
        assertThatThrownBy(() -> Envelopes.open(byAuthority, folder, out.toByteArray()))
                .isInstanceOf(EnvelopeException.UntrustedSigner.class)
                .hasMessageContaining("none of the 1 trusted authority");
        Opener noOne = new Opener(PKI.ec, new SignerTrust.Pinned(Set.of()), Pki.CLOCK);
        assertThatThrownBy(() -> Envelopes.open(noOne, folder, out.toByteArray()))
                .isInstanceOf(EnvelopeException.UntrustedSigner.class);
    }

    /** Same issuer and serial number as the pinned signer, so the same signer identifier, and another key. */
    @Test
    void anImpostorOfTheSameNameIsFoundByHisSignature() throws IOException {
        Pki impostors = Pki.another("Test CA");
        assertThat(impostors.signer.certificate().getSerialNumber())
                .isEqualTo(PKI.signer.certificate().getSerialNumber());
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        new Sealer(impostors.signer, List.of(PKI.ec.certificate()), Pki.CLOCK).seal(out, to -> to.write(CONTENT));

        refused(PKI.ec, out.toByteArray(), EnvelopeException.BadSignature.class, "signature in the envelope is wrong");
        Opener byAuthority = new Opener(PKI.ec, SignerTrust.issuedBy(PKI.authority), Pki.CLOCK);
        assertThatThrownBy(() -> Envelopes.open(byAuthority, folder, out.toByteArray()))
                .isInstanceOf(EnvelopeException.UntrustedSigner.class);
    }

    @Test
    void contentTheSignerDidNotSignIsRefused() throws IOException {
        byte[] signed = Envelopes.decrypt(Envelopes.seal(CONTENT, PKI.ec.certificate()), PKI.ec);
        signed[indexOf(signed, CONTENT)] ^= 1;

        refused(PKI.ec, encrypted(signed), EnvelopeException.BadSignature.class, "Use nothing of it");
    }

    @Test
    void aSignatureOfOtherOctetsIsRefused() throws IOException {
        byte[] signed = Envelopes.decrypt(Envelopes.seal(CONTENT, PKI.ec.certificate()), PKI.ec);
        signed[signed.length - 20] ^= 1;

        refused(PKI.ec, encrypted(signed), EnvelopeException.BadSignature.class, "Use nothing of it");
    }

    @Test
    void expiryIsToldApartFromDistrust() throws IOException {
        byte[] envelope = Envelopes.seal(CONTENT, PKI.ec.certificate());
        InstantSource later = InstantSource.offset(Pki.CLOCK, Duration.ofDays(301));
        InstantSource earlier = InstantSource.offset(Pki.CLOCK, Duration.ofDays(-2));
        for (InstantSource clock : List.of(later, earlier)) {
            for (SignerTrust trust :
                    List.of(SignerTrust.pinned(PKI.signer.certificate()), SignerTrust.issuedBy(PKI.authority))) {
                Opener opener = new Opener(PKI.ec, trust, clock);
                assertThatThrownBy(() -> Envelopes.open(opener, folder, envelope))
                        .isInstanceOf(EnvelopeException.CertificateExpired.class)
                        .hasMessageContaining("Check the clock");
            }
        }
    }

    @Test
    void anExpiredCertificateCannotSeal() throws IOException {
        InstantSource later = InstantSource.offset(Pki.CLOCK, Duration.ofDays(301));
        Sealer sealer = new Sealer(PKI.signer, List.of(PKI.ec.certificate()), later);
        KeyPair keys = Pki.ecKeys("P-256");
        X509Certificate old = PKI.certificate(
                "old", keys.getPublic(), KeyUsage.keyAgreement, Duration.ofDays(-9), Duration.ofDays(-1));
        Sealer toOld = new Sealer(PKI.signer, List.of(old), Pki.CLOCK);

        for (Sealer each : List.of(sealer, toOld)) {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            assertThatThrownBy(() -> each.seal(out, to -> to.write(CONTENT)))
                    .isInstanceOf(EnvelopeException.CertificateExpired.class);
            assertThat(out.size()).isZero();
        }
    }

    @Test
    void certificatesMustFitTheirPart() throws IOException {
        Identity p384 = PKI.identity("P-384", Pki.ecKeys("P-384"), KeyUsage.digitalSignature);
        Identity shortRsa = PKI.identity("short", Pki.rsaKeys(1024), KeyUsage.keyEncipherment);
        List<X509Certificate> recipients = List.of(PKI.ec.certificate());

        assertThatThrownBy(() -> new Sealer(p384, recipients, Pki.CLOCK))
                .isInstanceOf(EnvelopeException.UnfitCertificate.class)
                .hasMessageContaining("P-256");
        assertThatThrownBy(() -> new Sealer(PKI.rsa, recipients, Pki.CLOCK))
                .isInstanceOf(EnvelopeException.UnfitCertificate.class);
        assertThatThrownBy(() -> new Sealer(PKI.ec, recipients, Pki.CLOCK)).hasMessageContaining("digitalSignature");
        assertThatThrownBy(() -> new Sealer(PKI.signer, List.of(p384.certificate()), Pki.CLOCK))
                .isInstanceOf(EnvelopeException.UnfitCertificate.class);
        assertThatThrownBy(() -> new Sealer(PKI.signer, List.of(shortRsa.certificate()), Pki.CLOCK))
                .hasMessageContaining("2048");
        assertThatThrownBy(() -> new Sealer(PKI.signer, List.of(PKI.signer.certificate()), Pki.CLOCK))
                .hasMessageContaining("keyAgreement");
        assertThatThrownBy(() -> new Sealer(PKI.signer, List.of(), Pki.CLOCK))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aKeyOfAnotherCertificateCannotSign() {
        Identity mixed = Identity.inMemory(Pki.ecKeys("P-256").getPrivate(), PKI.signer.certificate());

        assertThatThrownBy(() -> new Sealer(mixed, List.of(PKI.ec.certificate()), Pki.CLOCK))
                .isInstanceOf(EnvelopeException.KeyUnavailable.class);
    }

    @Test
    void aFileThatChangedAfterVerifyIsRefused() throws IOException {
        Opener opener = Envelopes.opener(PKI.ec);
        Path file = Files.write(folder.resolve("envelope"), Envelopes.seal(CONTENT, PKI.ec.certificate()));
        VerifiedEnvelope verified = opener.verify(file);
        byte[] flipped = Files.readAllBytes(file);
        flipped[flipped.length / 2] ^= 1;

        for (byte[] changed : List.of(
                Envelopes.seal(new byte[10], PKI.ec.certificate()),
                Envelopes.seal(CONTENT, PKI.rsa.certificate()),
                flipped,
                Arrays.copyOf(flipped, 100),
                new byte[0])) {
            Files.write(file, changed);
            assertThatThrownBy(() -> opener.open(file, verified, content -> content.readAllBytes()))
                    .isInstanceOf(EnvelopeException.ChangedSinceVerified.class);
            assertThatThrownBy(() -> opener.open(file, verified, content -> content.read()))
                    .isInstanceOf(EnvelopeException.ChangedSinceVerified.class);
            assertThatThrownBy(() -> opener.open(file, verified, content -> {
                        throw new IllegalStateException("consumer's own");
                    }))
                    .isInstanceOf(EnvelopeException.ChangedSinceVerified.class);
        }
    }

    private void refused(Identity recipient, byte[] file, Class<? extends EnvelopeException> fault, String text)
            throws IOException {
        Opener opener = Envelopes.opener(recipient);
        assertThatThrownBy(() -> Envelopes.open(opener, folder, file))
                .as("%d octets", file.length)
                .isInstanceOf(fault)
                .hasMessageContaining(text);
    }

    private static byte[] encrypted(byte[] signed) throws IOException {
        return Envelopes.encrypt(signed, NISTObjectIdentifiers.id_aes256_GCM, PKI.ec.certificate());
    }

    private static byte[] signedBy(String algorithm, boolean direct) throws Exception {
        SignerInfoGenerator signer = new JcaSignerInfoGeneratorBuilder(new JcaDigestCalculatorProviderBuilder().build())
                .setDirectSignature(direct)
                .build(new JcaContentSignerBuilder(algorithm).build(PKI.signer.key()), PKI.signer.certificate());
        CMSSignedDataGenerator generator = new CMSSignedDataGenerator();
        generator.addSignerInfoGenerator(signer);
        return encrypted(
                generator.generate(new CMSProcessableByteArray(CONTENT), true).getEncoded());
    }

    private static int indexOf(byte[] in, byte[] sought) {
        String text = new String(in, StandardCharsets.ISO_8859_1);
        int at = text.indexOf(new String(sought, StandardCharsets.ISO_8859_1));
        assertThat(at).isNotNegative();
        return at;
    }
}
