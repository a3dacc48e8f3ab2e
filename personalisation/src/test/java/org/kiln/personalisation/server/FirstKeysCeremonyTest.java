package org.kiln.personalisation.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kiln.kms.ceremony.CeremonyRecord;
import org.kiln.kms.ceremony.CeremonySeal;
import org.kiln.kms.cli.BackupCommand;
import org.kiln.kms.lab.LabAuthority;
import org.kiln.personalisation.demo.KilnProcess;
import picocli.CommandLine;

/** The ceremonies that make a token, typed at a terminal: its first keys with five custodians, and the same keys from three shares. */
class FirstKeysCeremonyTest {

    @TempDir
    private Path folder;

    private String path(String name) {
        return folder.resolve(name).toString();
    }

    private CeremonyRecord hold(String ceremony, String data, List<String> set, String answers) throws Exception {
        List<String> words = new ArrayList<>(
                List.of("ceremony", "run", ceremony, "--data", path(data), "--record-to", path(data + "-records")));
        set.forEach(each -> words.addAll(List.of("--set", each)));
        Path log = folder.resolve(data + ".log");
        Process process = KilnProcess.begin(log, words.toArray(String[]::new));
        try (Writer terminal = process.outputWriter()) {
            terminal.write(answers.replace(' ', '\n'));
        }
        assertThat(process.waitFor()).as(Files.readString(log)).isZero();
        try (Stream<Path> files = Files.list(folder.resolve(data + "-records"))) {
            Path json = files.filter(file -> file.toString().endsWith(".json"))
                    .findFirst()
                    .orElseThrow();
            return CeremonySeal.open(
                    json,
                    LabAuthority.readCertificate(folder.resolve(data).resolve("pki/signing.pem"))
                            .getPublicKey());
        }
    }

    @Test
    void theKeysOfTheFirstCeremonyComeBackFromThreeShares() throws Exception {
        CeremonyRecord made = hold(
                "first-keys",
                "first",
                List.of("backup=" + path("keys.json"), "shares-to=" + path("shares")),
                "Olga Uli Wim Ann Ben Cid Dan Eve Wim  Olga Ann Ben Cid Dan Eve Wim  Wim Uli Olga ");
        assertThat(made.isComplete()).isTrue();
        assertThat(made.token()).isEqualTo("kiln");
        assertThat(made.text()).contains("check value of the backup key", "custodian 5 (Eve)", "0 violations");
        assertThat(new CommandLine(new BackupCommand(List.of("auc", "personalisation")))
                        .execute("--data", path("first"), "--to", path("store")))
                .isZero();
        CeremonyRecord back = hold(
                "restore-from-shares",
                "second",
                List.of(
                        "backup=" + path("keys.json"),
                        "share-1=" + path("shares/share-5.txt"),
                        "share-2=" + path("shares/share-1.txt"),
                        "share-3=" + path("shares/share-3.txt"),
                        "store=" + path("store")),
                "Olga Uli Wim Eve Ann Cid Wim Eve Ann Cid  Olga Eve Ann Cid  Uli  Uli  Wim Olga ");
        assertThat(back.isComplete()).isTrue();
        assertThat(back.text()).contains("storage keys [1]", "restored", "CURRENT", "0 violations");
    }
}
