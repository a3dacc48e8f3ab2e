package org.kiln.kms.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kiln.kms.keys.ScratchKeys;
import org.kiln.kms.keys.TransportKeys.Direction;
import org.kiln.kms.server.ScratchFolder;
import org.kiln.pkcs11.Ck;
import org.kiln.pkcs11.Session;
import org.kiln.pkcs11.Template;
import picocli.CommandLine;

/** {@code kiln key-block-key}, and transport keys that go from one house to another in key blocks. */
class KeyBlockKeyCommandTest {

    @TempDir
    private Path root;

    private final ScratchKeys keys = ScratchKeys.create();
    private final ScratchKeys theirKeys = ScratchKeys.create();
    private Path ours;
    private Path theirs;
    private StringWriter err = new StringWriter();

    @BeforeEach
    void configure() throws Exception {
        ours = root.resolve("ours");
        theirs = root.resolve("theirs");
        ScratchFolder.create(ours, keys.token().label());
        ScratchFolder.create(theirs, theirKeys.token().label());
    }

    @AfterEach
    void close() {
        keys.close();
        theirKeys.close();
    }

    private int kiln(Object command, Path folder, String verb, String... more) {
        err = new StringWriter();
        List<String> all = new ArrayList<>(List.of(verb, "--data", folder.toString()));
        all.addAll(List.of(more));
        return new CommandLine(command)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setErr(new PrintWriter(err, true))
                .setExecutionExceptionHandler(new PlainErrors())
                .execute(all.toArray(String[]::new));
    }

    private String component(String name, String octet) throws Exception {
        byte[] value = HexFormat.of().parseHex(octet.repeat(32));
        Cipher aes = Cipher.getInstance("AES/ECB/NoPadding");
        aes.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(value, "AES"));
        String kcv = HexFormat.of().formatHex(aes.doFinal(new byte[16]), 0, 3);
        return Files.writeString(root.resolve(name), HexFormat.of().formatHex(value) + "\n" + kcv + "\n")
                .toString();
    }

    private int importKey(Path folder) throws Exception {
        return kiln(
                new KeyBlockKeyCommand(),
                folder,
                "import",
                "--name",
                "acme",
                "--component",
                component("a", "3c"),
                "--component",
                component("b", "a5"));
    }

    private static void allow(Path folder) throws Exception {
        Path yaml = folder.resolve("kiln.yaml");
        Files.writeString(yaml, Files.readString(yaml).replace("guardedHost: []", "guardedHost: [key-blocks]"));
    }

    @Test
    void isOffUnlessConfigurationAllowsIt() throws Exception {
        assertThat(importKey(ours)).isNotZero();
        assertThat(err.toString()).contains("auc.guardedHost").contains("key-blocks");
        Path block = root.resolve("acme.tr31");
        assertThat(create(block)).isNotZero();
        assertThat(err.toString()).contains("auc.guardedHost");
        assertThat(block).doesNotExist();
    }

    private int create(Path block) {
        return kiln(
                new TransportKeyCommand(),
                ours,
                "create",
                "--label",
                "acme-out",
                "--partner",
                "acme",
                "--key-block-key",
                "acme",
                "--out",
                block.toString());
    }

    @Test
    void carriesATransportKeyFromOneHouseToTheOther() throws Exception {
        allow(ours);
        allow(theirs);
        assertThat(importKey(ours)).as(err.toString()).isZero();
        assertThat(importKey(theirs)).as(err.toString()).isZero();
        Path block = root.resolve("acme.tr31");
        assertThat(create(block)).as(err.toString()).isZero();
        assertThat(Files.readString(block)).matches("D[0-9]{4}K0AD00N[0-9A-Za-z-]+\n");
        assertThat(create(root.resolve("again.tr31"))).isNotZero();
        assertThat(err.toString()).contains("already");
        assertThat(receive(block)).as(err.toString()).isZero();
        assertThat(receive(block)).isNotZero();
        assertThat(err.toString()).contains("already");
        assertThat(kiln(new TransportKeyCommand(), theirs, "list")).isZero();
        assertThat(kiln(new HsmCommand(), ours, "audit")).isZero();
        assertThat(kiln(new KeyBlockKeyCommand(), theirs, "destroy", "--name", "acme"))
                .isZero();
        Files.writeString(block, "x".repeat(20_000));
        assertThat(receive(block)).isNotZero();
        assertThat(err.toString()).contains("too long for a key block");
    }

    /** A protection key for card files is a transport key of the register, and no key-block-key. */
    @Test
    void aKeyForTheBlocksOfCardFilesIsMadeWhereTheHostMayReadThem() throws Exception {
        KeyPairGenerator rsa = KeyPairGenerator.getInstance("RSA");
        rsa.initialize(3072);
        Path pem = Files.writeString(
                root.resolve("acme.pem"),
                "-----BEGIN PUBLIC KEY-----\n"
                        + Base64.getMimeEncoder()
                                .encodeToString(
                                        rsa.generateKeyPair().getPublic().getEncoded())
                        + "\n-----END PUBLIC KEY-----\n");
        String[] create = {
            "--key-blocks",
            "--label",
            "acme-blocks",
            "--partner",
            "acme",
            "--for",
            pem.toString(),
            "--out",
            root.resolve("acme-blocks.key").toString()
        };
        assertThat(kiln(new TransportKeyCommand(), ours, "create", create)).isNotZero();
        assertThat(err.toString()).contains("auc.guardedHost").contains("key-blocks");
        assertThat(root.resolve("acme-blocks.key")).doesNotExist();

        allow(ours);
        assertThat(kiln(new TransportKeyCommand(), ours, "create", create))
                .as(err.toString())
                .isZero();
        assertThat(root.resolve("acme-blocks.key")).isNotEmptyFile();
        assertThat(kiln(new HsmCommand(), ours, "audit"))
                .as("neither a violation nor a key that the register has and the token not")
                .isZero();
        assertThat(kiln(new TransportKeyCommand(), ours, "retire", "acme-blocks"))
                .as(err.toString())
                .isZero();
        assertThat(kiln(new TransportKeyCommand(), ours, "destroy", "acme-blocks"))
                .as(err.toString())
                .isZero();
        try (Session session = keys.openAs(Ck.CKU_USER)) {
            assertThat(session.findObjects(Template.builder()
                            .label(Direction.KEY_BLOCKS.object("acme-blocks"))
                            .build()))
                    .isEmpty();
        }
    }

    @Test
    void wantsOneWayOfWrappingAndNotTwo() {
        assertThat(kiln(
                        new TransportKeyCommand(),
                        ours,
                        "create",
                        "--label",
                        "x",
                        "--partner",
                        "acme",
                        "--out",
                        root.resolve("x").toString()))
                .isNotZero();
        assertThat(err.toString()).contains("--for").contains("--key-block-key");
    }

    private int receive(Path block) {
        return kiln(
                new TransportKeyCommand(),
                theirs,
                "receive",
                "--label",
                "from-kiln",
                "--partner",
                "kiln",
                "--key-block-key",
                "acme",
                block.toString());
    }
}
