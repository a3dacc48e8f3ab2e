package org.kiln.kms.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.PublicKey;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer.OrderAnnotation;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import org.kiln.kms.approval.Act;
import org.kiln.kms.approval.Approval;
import org.kiln.kms.approval.Approvals;
import org.kiln.kms.keys.AuditKeyPairs;
import org.kiln.kms.keys.KeyLabels;
import org.kiln.kms.keys.ScratchKeys;
import org.kiln.kms.lab.LabAuthority;
import org.kiln.kms.server.AucNode;
import org.kiln.kms.server.DataFolder;
import org.kiln.kms.server.KilnConfiguration;
import org.kiln.kms.server.ScratchFolder;
import org.kiln.pkcs11.Ck;
import org.kiln.pkcs11.Cka;
import org.kiln.pkcs11.Session;
import org.kiln.pkcs11.Template;
import org.kiln.token.TokenCertificates;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The audit log's key is changed in a real token, and an auditor follows. */
@TestMethodOrder(OrderAnnotation.class)
class AuditKeyCommandTest {

    @TempDir
    private static Path root;

    private static ScratchKeys keys;
    private static DataFolder folder;
    private static Path signing;

    @BeforeAll
    static void prepare() throws Exception {
        keys = ScratchKeys.create();
        folder = ScratchFolder.create(root, keys.token().label());
        LabAuthority authority = LabAuthority.create(root.resolve("pki"));
        try (Session session = keys.openAs(Ck.CKU_USER)) {
            for (String label : List.of(KeyLabels.SIGNING, KeyLabels.TLS_SERVER)) {
                PublicKey key = TokenCertificates.p256PublicKey(session, label);
                var certificate = authority.certify(key, label, LabAuthority.Purpose.DOCUMENT_SIGNING);
                TokenCertificates.store(session, label, label.getBytes(StandardCharsets.UTF_8), certificate);
                LabAuthority.writeCertificate(root.resolve(label + ".pem"), certificate);
            }
        }
        signing = root.resolve("signing.pem");
    }

    @AfterAll
    static void close() {
        keys.close();
    }

    @Command(name = "kiln")
    private static final class AllVerbs {}

    /** What a verb printed, and how it ended. */
    private record Ended(int exitCode, String out) {}

    private static Ended run(String... arguments) {
        PrintStream out = System.out;
        PrintStream err = System.err;
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        try (PrintStream both = new PrintStream(printed, true, StandardCharsets.UTF_8)) {
            System.setOut(both);
            System.setErr(both);
            int exitCode = new CommandLine(new AllVerbs())
                    .addSubcommand(new CommandLine(new AuditCommand()))
                    .addSubcommand(new CommandLine(new HsmCommand()))
                    .setExecutionExceptionHandler(new PlainErrors())
                    .execute(arguments);
            return new Ended(exitCode, printed.toString(StandardCharsets.UTF_8));
        } finally {
            System.setOut(out);
            System.setErr(err);
        }
    }

    private static Ended change(Path certificate) {
        return run("audit", "key", "change", "--data", root.toString(), "--out", certificate.toString());
    }

    private static Ended verify(Path certificate) {
        Path log = root.resolve("audit.jsonl");
        Ended written = run("audit", "export", "--data", root.toString(), "--out", log.toString());
        assertThat(written.exitCode()).as(written.out()).isZero();
        return run("audit", "verify", log.toString(), "--certificate", certificate.toString());
    }

    @Test
    @Order(1)
    void aChangeThatWasBrokenOffInTheTokenGoesOn() {
        Path certificate = root.resolve("audit-1.pem");
        PublicKey begun;
        try (Session session = keys.openAs(Ck.CKU_USER)) {
            begun = AuditKeyPairs.provide(session, 1);
        }
        Ended ended = change(certificate);
        assertThat(ended.exitCode()).as(ended.out()).isZero();
        assertThat(LabAuthority.readCertificate(certificate).getPublicKey()).isEqualTo(begun);
        assertThat(verify(signing).out()).contains("the log is good").doesNotContain("not checked");
        assertThat(verify(certificate).out()).contains("the log is good", "not checked with this key: line 2");
        Ended token = run("hsm", "audit", "--data", root.toString());
        assertThat(token.out()).contains("0 violations");
    }

    @Test
    @Order(2)
    void underApprovalsItTakesTwoAndIsDoneOnce() throws Exception {
        Files.writeString(folder.configuration(), "\napprovals:\n  hours: 24\n", StandardOpenOption.APPEND);
        Path certificate = root.resolve("audit-2.pem");
        Approval asked;
        try (AucNode node = AucNode.open(folder, KilnConfiguration.read(folder.configuration()))) {
            node.dualControl().enterRoles();
            Approvals approvals = node.dualControl().approvals();
            asked = approvals.request(Act.AUDIT_KEY_CHANGE, "audit/2", "yearly", "olga");
        }
        Ended refused = change(certificate);
        assertThat(refused.exitCode()).isEqualTo(1);
        assertThat(refused.out()).contains("kiln approval request audit-key-change 'audit/2'");
        assertThat(certificate).doesNotExist();
        try (AucNode node = AucNode.open(folder, KilnConfiguration.read(folder.configuration()))) {
            node.dualControl().approvals().approve(asked.id(), "otto");
        }
        Ended done = change(certificate);
        assertThat(done.exitCode()).as(done.out()).isZero();
        assertThat(change(root.resolve("audit-3.pem")).exitCode()).isEqualTo(1);
        assertThat(verify(signing).exitCode()).isZero();
        assertThat(verify(certificate).exitCode()).isZero();
        assertThat(verify(root.resolve("tls-server.pem")).exitCode()).isEqualTo(1);
    }

    private static Ended destroy(int number) {
        return run("audit", "key", "destroy", "--data", root.toString(), Integer.toString(number));
    }

    private static int objects(String label, long objectClass) {
        try (Session session = keys.openAs(Ck.CKU_USER)) {
            return session.findObjects(Template.builder()
                            .with(Cka.CLASS, objectClass)
                            .label(label)
                            .build())
                    .length;
        }
    }

    @Test
    @Order(3)
    void theKeyThatSignsAndTheTokensFirstAreNotDestroyed() {
        assertThat(destroy(2).out()).contains("signs the audit log now", "kiln audit key change");
        assertThat(destroy(3).out()).contains("has had no key 'audit/3'");
        assertThat(destroy(0).out()).contains("signs manifests");
        for (String label : List.of("signing", "audit/1", "audit/2")) {
            assertThat(objects(label, Ck.CKO_PRIVATE_KEY)).as(label).isOne();
        }
    }

    @Test
    @Order(4)
    void anOlderPairIsDestroyedByTwoAndWhatItSignedIsProvedAsBefore() throws Exception {
        Ended refused = destroy(1);
        assertThat(refused.exitCode()).isEqualTo(1);
        assertThat(refused.out()).contains("kiln approval request audit-key-destruction 'audit/1'");
        assertThat(objects("audit/1", Ck.CKO_PRIVATE_KEY)).isOne();
        try (AucNode node = AucNode.open(folder, KilnConfiguration.read(folder.configuration()))) {
            Approvals approvals = node.dualControl().approvals();
            String id = approvals
                    .request(Act.AUDIT_KEY_DESTRUCTION, "audit/1", "it signs no more", "olga")
                    .id();
            approvals.approve(id, "otto");
        }
        Ended done = destroy(1);
        assertThat(done.exitCode()).as(done.out()).isZero();
        assertThat(objects("audit/1", Ck.CKO_PRIVATE_KEY)).isZero();
        assertThat(objects("audit/1", Ck.CKO_PUBLIC_KEY)).isZero();
        assertThat(objects("audit/1", Ck.CKO_CERTIFICATE)).isOne();
        assertThat(objects("audit/2", Ck.CKO_PRIVATE_KEY)).isOne();

        Ended sealed = run("audit", "seal", "--data", root.toString());
        assertThat(sealed.out()).contains("sealed up to entry");
        for (String certificate : List.of("signing", "audit-1", "audit-2")) {
            Ended verified = verify(root.resolve(certificate + ".pem"));
            assertThat(verified.exitCode()).as(verified.out()).isZero();
        }
        assertThat(verify(signing).out()).contains("the log is good").doesNotContain("not checked");
        assertThat(Files.readString(root.resolve("audit.jsonl"))).containsOnlyOnce("AUDIT_KEY_DESTROYED");
        assertThat(run("hsm", "audit", "--data", root.toString()).out()).contains("0 violations");
    }

    @Test
    @Order(5)
    void aDestructionThatWasBrokenOffIsEndedWithoutAnotherApproval() {
        Ended again = destroy(1);
        assertThat(again.exitCode()).as(again.out()).isZero();
        assertThat(again.out()).contains("was destroyed before");
        try (Session session = keys.openAs(Ck.CKU_USER)) {
            AuditKeyPairs.provide(session, 1);
        }
        assertThat(destroy(1).out()).contains("'audit/1' is destroyed");
        assertThat(objects("audit/1", Ck.CKO_PRIVATE_KEY)).isZero();
    }
}
