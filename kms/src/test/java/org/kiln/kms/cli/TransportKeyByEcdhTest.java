package org.kiln.kms.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import javax.crypto.Cipher;
import javax.crypto.KeyAgreement;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kiln.kms.keys.Curve;
import org.kiln.kms.keys.Partner;
import org.kiln.kms.keys.ScratchKeys;
import org.kiln.kms.server.DataFolder;
import org.kiln.kms.server.ScratchFolder;
import org.kiln.token.CompiledModule;
import org.kiln.token.EcdhKdf;
import org.kiln.token.ProfileFile;
import org.kiln.token.ScratchToken;
import org.kiln.token.Support;
import org.kiln.token.TokenProfile;
import org.kiln.transfer.keyblock.AgreementInfo;
import org.kiln.transfer.keyblock.TransportKeyFile;
import org.kiln.transfer.keyblock.TransportKeyFile.Wrapping;
import picocli.CommandLine;

/** Files as they go between {@code kiln transport-key} and a partner in software, by ECDH on X25519. */
class TransportKeyByEcdhTest {

    @TempDir
    private Path root;

    private final ScratchKeys keys = ScratchKeys.create();
    private StringWriter err = new StringWriter();
    private KeyPair partner;

    @BeforeEach
    void configure() throws Exception {
        ScratchFolder.create(root, keys.token().label());
        partner = KeyPairGenerator.getInstance("X25519").generateKeyPair();
        Files.writeString(
                root.resolve("partner.pem"),
                "-----BEGIN PUBLIC KEY-----\n"
                        + Base64.getMimeEncoder()
                                .encodeToString(partner.getPublic().getEncoded())
                        + "\n-----END PUBLIC KEY-----\n");
    }

    @AfterEach
    void close() {
        keys.close();
    }

    private int kiln(String verb, String... more) {
        err = new StringWriter();
        String[] all = new String[more.length + 3];
        System.arraycopy(new String[] {verb, "--data", root.toString()}, 0, all, 0, 3);
        System.arraycopy(more, 0, all, 3, more.length);
        return new CommandLine(new TransportKeyCommand())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setErr(new PrintWriter(err, true))
                .setExecutionExceptionHandler(new PlainErrors())
                .execute(all);
    }

    private int create() {
        return kiln(
                "create",
                "--label",
                "acme-out",
                "--partner",
                "acme",
                "--for",
                root.resolve("partner.pem").toString(),
                "--out",
                root.resolve("acme-out.key").toString());
    }

    private int offer() {
        return kiln(
                "offer",
                "--label",
                "acme-in",
                "--curve",
                "x25519",
                "--out",
                root.resolve("for-acme.pem").toString());
    }

    private void useATokenThatRunsTheKdf() throws Exception {
        TokenProfile profile = ScratchToken.profile();
        ProfileFile.write(
                profile.with(new TokenProfile.Ecdh(
                        List.of(EcdhKdf.NONE, EcdhKdf.SHA256), profile.ecdh().x25519(), Support.SUPPORTED)),
                root.resolve("derives.yaml"),
                "for a test");
        DataFolder folder = new DataFolder(root);
        ScratchFolder.change(folder, "profile: softhsm2", "profile: ./derives.yaml");
        ScratchFolder.change(folder, "module: auto", "module: " + CompiledModule.compile(root, "derives"));
    }

    private SecretKeySpec kek(PublicKey theirs, byte[] info) throws Exception {
        KeyAgreement agreement = KeyAgreement.getInstance("X25519");
        agreement.init(partner.getPrivate());
        agreement.doPhase(theirs, true);
        MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
        sha256.update(agreement.generateSecret());
        sha256.update(new byte[] {0, 0, 0, 1});
        return new SecretKeySpec(sha256.digest(info), "AES");
    }

    private PublicKey offered() throws IOException, GeneralSecurityException {
        String pem = Files.readString(root.resolve("for-acme.pem")).replaceAll("-----[A-Z ]+-----|\\s", "");
        return KeyFactory.getInstance("X25519")
                .generatePublic(new X509EncodedKeySpec(Base64.getDecoder().decode(pem)));
    }

    @Test
    void aPartnerOpensTheFileThatCreateWrites() throws Exception {
        useATokenThatRunsTheKdf();
        assertThat(create()).as(err.toString()).isZero();
        TransportKeyFile file = TransportKeyFile.read(root.resolve("acme-out.key"));
        assertThat(file.format()).isEqualTo(TransportKeyFile.AGREED_FORMAT);
        byte[] info = AgreementInfo.sharedInfo(
                file.wrapping(), file.label(), file.ephemeralOctets(), Curve.X25519.point(partner.getPublic()));
        Cipher kwp = Cipher.getInstance("AES/KWP/NoPadding");
        kwp.init(Cipher.UNWRAP_MODE, kek(Curve.X25519.publicKey(file.ephemeralOctets()), info));
        byte[] value =
                kwp.unwrap(file.wrappedOctets(), "AES", Cipher.SECRET_KEY).getEncoded();
        assertThat(Partner.kcv(value)).isEqualToIgnoringCase(file.kcvZero());
    }

    private TransportKeyFile answer(String label) throws Exception {
        byte[] value = HexFormat.of().parseHex("000102030405060708090a0b0c0d0e0f");
        byte[] own = Curve.X25519.point(partner.getPublic());
        byte[] info =
                AgreementInfo.sharedInfo(Wrapping.ECDH_X25519_SHA256_KWP, label, own, Curve.X25519.point(offered()));
        Cipher kwp = Cipher.getInstance("AES/KWP/NoPadding");
        kwp.init(Cipher.WRAP_MODE, kek(offered(), info));
        return new TransportKeyFile(
                TransportKeyFile.AGREED_FORMAT,
                label,
                "acme",
                "operator",
                "AES-128",
                "C6A13B",
                "BE7ED6AE78",
                Wrapping.ECDH_X25519_SHA256_KWP,
                TransportKeyFile.fingerprint(offered()),
                HexFormat.of().formatHex(own),
                HexFormat.of().formatHex(kwp.wrap(new SecretKeySpec(value, "AES"))));
    }

    @Test
    void receiveTakesTheFileThatAPartnerWrites() throws Exception {
        useATokenThatRunsTheKdf();
        assertThat(offer()).as(err.toString()).isZero();
        String file = root.resolve("acme-in.key").toString();
        answer("another").write(Path.of(file));
        assertThat(kiln("receive", "--label", "acme-in", "--partner", "acme", file))
                .isNotZero();
        assertThat(err.toString()).contains("bound to it");
        answer("acme-in").write(Path.of(file));
        assertThat(kiln("receive", "--label", "acme-in", "--partner", "acme", file))
                .as(err.toString())
                .isZero();
    }

    @Test
    void plainSoftHsmRefusesBothWaysAndNamesRsa() {
        assertThat(create()).isNotZero();
        assertThat(err.toString()).startsWith("kiln: ").contains("under RSA");
        assertThat(offer()).isNotZero();
        assertThat(err.toString()).startsWith("kiln: ").contains("under RSA");
        assertThat(Files.exists(root.resolve("acme-out.key"))).isFalse();
    }
}
