package org.kiln.kms.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kiln.kms.keys.ScratchKeys;
import org.kiln.kms.server.ScratchFolder;
import org.kiln.pkcs11.Ck;
import org.kiln.pkcs11.Cka;
import org.kiln.pkcs11.Session;
import org.kiln.pkcs11.Template;
import picocli.CommandLine;

class SuciKeyCommandTest {

    @TempDir
    private Path root;

    private final ScratchKeys keys = ScratchKeys.create();
    private StringWriter out = new StringWriter();
    private StringWriter err = new StringWriter();

    @BeforeEach
    void configure() throws Exception {
        ScratchFolder.create(root, keys.token().label());
    }

    @AfterEach
    void close() {
        keys.close();
    }

    private int kiln(String verb, String... more) {
        out = new StringWriter();
        err = new StringWriter();
        String[] all = new String[more.length + 3];
        System.arraycopy(new String[] {verb, "--data", root.toString()}, 0, all, 0, 3);
        System.arraycopy(more, 0, all, 3, more.length);
        return new CommandLine(new SuciKeyCommand())
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .setExecutionExceptionHandler(new PlainErrors())
                .execute(all);
    }

    @Test
    void aKeyIsMadeExportedRotatedAndEnded() {
        assertThat(kiln("create", "--identifier", "1", "--scheme", "PROFILE_A")).isZero();
        assertThat(kiln("create", "--identifier", "2", "--scheme", "PROFILE_B")).isZero();
        assertThat(kiln("create", "--identifier", "2", "--scheme", "PROFILE_B")).isNotZero();
        assertThat(err.toString()).startsWith("kiln: ").contains("2 already");
        assertThat(kiln("create", "--identifier", "0", "--scheme", "PROFILE_A")).isNotZero();

        assertThat(kiln("export", "2", "1")).isZero();
        assertThat(out.toString())
                .contains("-----BEGIN PUBLIC KEY-----")
                .containsPattern("EF_SUCI_Calc_Info: A00402010102A14B8001028121[0-9A-F]{66}8001018120[0-9A-F]{64}\\s");

        assertThat(kiln("retire", "1", "--end")).isNotZero();
        assertThat(kiln("retire", "1")).isZero();
        assertThat(kiln("list")).isZero();
        assertThat(out.toString()).containsPattern("1 +PROFILE_A +RETIRING").containsPattern("2 +PROFILE_B +ACTIVE");
        assertThat(kiln("export", "1")).isNotZero();
        assertThat(err.toString()).contains("no active home-network key has the identifier 1");
        assertThat(kiln("retire", "1", "--end")).isZero();
        assertThat(out.toString()).contains("is RETIRED now");
        assertThat(kiln("retire", "1", "--end")).isZero();
        assertThat(kiln("retire", "9")).isNotZero();
        try (Session session = keys.openAs(Ck.CKU_USER)) {
            for (int identifier = 1; identifier <= 2; identifier++) {
                assertThat(session.findObjects(Template.builder()
                                .with(Cka.CLASS, Ck.CKO_PRIVATE_KEY)
                                .label("suci/" + identifier)
                                .build()))
                        .hasSize(identifier - 1);
            }
        }
    }
}
