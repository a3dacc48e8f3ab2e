package org.kiln.kms.check;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.kiln.kms.oauth2.NrfKey;
import org.kiln.kms.oauth2.NrfKeyException;
import org.kiln.kms.server.ConfigurationException;
import org.kiln.kms.server.DataFolder;
import org.kiln.kms.server.Expiry;
import org.kiln.kms.server.GsupListener;
import org.kiln.kms.server.KilnConfiguration;
import org.kiln.kms.server.ServerLock;
import org.kiln.kms.store.Database;
import org.kiln.secret.SecretMemory;

/**
 * Looks at a data folder's configuration and at every file, token, port and database that it names. Logs in nowhere and changes
 * nothing.
 */
public final class ConfigurationCheck {

    private final DataFolder folder;
    private final boolean laboratory;
    private final Findings findings = new Findings();
    private final CertificateFiles certificates;
    private final SecretFiles secrets = new SecretFiles(findings);
    private final StoreLook store;

    /**
     * @param laboratory whether the node is to start with its laboratory listener
     * @param rooms whose tables are in the database
     * @param partners certificates of partners in a database
     */
    public ConfigurationCheck(
            DataFolder folder,
            boolean laboratory,
            Instant now,
            List<String> rooms,
            Function<Database, Stream<Expiry>> partners) {
        this.folder = folder;
        this.laboratory = laboratory;
        certificates = new CertificateFiles(findings, now);
        store = new StoreLook(findings, rooms, partners);
    }

    /** Looks at everything, as far as the configuration can be read. */
    public Findings run() {
        Path file = folder.configuration();
        if (!Files.exists(file)) {
            findings.error("kiln.yaml", file + " is not there", "make the folder with 'kiln init', or name another");
            return findings;
        }
        new ConfigurationText(findings, file).read().ifPresent(this::look);
        secrets.trusted("kiln.yaml", file);
        return findings;
    }

    private void look(KilnConfiguration configuration) {
        boolean serving = ServerLock.isTaken(folder);
        folder(serving);
        Optional<PublicKey> serverKey = tokens(configuration);
        tls(configuration.tls(), serverKey);
        configuration.oauth2().ifPresent(this::nrf);
        configuration.identities().ifPresent(this::makers);
        listeners(configuration, new Ports(findings, serving));
        configuration
                .store()
                .filter(each -> !each.passwordFile().isEmpty())
                .ifPresent(each -> secrets.secret(
                        "store.passwordFile", KilnConfiguration.Store.PASSWORD, folder.resolve(each.passwordFile())));
        try {
            store.look(folder, configuration, certificates);
        } catch (ConfigurationException e) {
            findings.error("store", e);
        }
        people(configuration);
        storageKey(configuration);
    }

    private void folder(boolean serving) {
        if (Files.isWritable(folder.root())) {
            findings.ok("data folder", folder.root() + (serving ? "; a node serves from it" : ""));
        } else {
            findings.error(
                    "data folder", folder.root() + " is not writable for this user", "chown it to who runs Kiln");
        }
        if (!SecretMemory.isLocked()) {
            findings.warn(
                    "memory",
                    "the system locks no memory for keys and PINs, for this user",
                    "raise ulimit -l (LimitMEMLOCK)");
        }
    }

    private Optional<PublicKey> tokens(KilnConfiguration configuration) {
        KilnConfiguration.Hsm hsm = configuration.hsm();
        secrets.secret("hsm.userPinFile", "KILN_USER_PIN", folder.resolve(hsm.userPinFile()));
        Path officers = folder.resolve(hsm.soPinFile());
        if (!hsm.soPinFile().isEmpty() && Files.exists(officers)) {
            secrets.secret("hsm.soPinFile", "", officers);
            if (!laboratory) {
                findings.warn(
                        "hsm.soPinFile",
                        "the security officer's PIN lies beside the user's",
                        "keep it off serving machines");
            }
        }
        TokenLook look = new TokenLook(findings, folder, hsm);
        Optional<PublicKey> serverKey = look.look();
        for (KilnConfiguration.Member each : hsm.cluster()) {
            member(look, "hsm.cluster", each);
        }
        for (KilnConfiguration.Member each : configuration.personalisation().masters()) {
            member(look, "personalisation.masters", each);
        }
        return serverKey;
    }

    private void member(TokenLook look, String subject, KilnConfiguration.Member member) {
        secrets.secret(subject, "", folder.resolve(member.userPinFile()));
        look.member(subject, member);
    }

    private void tls(KilnConfiguration.Tls tls, Optional<PublicKey> serverKey) {
        certificates.authorities("tls.authorities", folder.resolve(tls.authorities()), lists(tls.crl()));
        if (tls.certificate().isEmpty()) {
            return;
        }
        List<X509Certificate> chain = certificates.read("tls.certificate", folder.resolve(tls.certificate()));
        if (chain.isEmpty()) {
            return;
        }
        certificates.server("tls.certificate", chain);
        serverKey.ifPresent(key -> {
            if (chain.getFirst().getPublicKey().equals(key)) {
                findings.ok("tls.certificate", "is of the token's key tls-server");
            } else {
                findings.error(
                        "tls.certificate",
                        "the first certificate is not of the token's key tls-server",
                        "have that key certified ('kiln hsm audit' names it)");
            }
        });
    }

    private Optional<Path> lists(String name) {
        return name.isEmpty() ? Optional.empty() : Optional.of(folder.resolve(name));
    }

    private void nrf(KilnConfiguration.OAuth2 oauth2) {
        for (KilnConfiguration.OAuth2.Key each : oauth2.keys()) {
            Path file = folder.resolve(each.file());
            try {
                Object _ = NrfKey.read(each.kid().isEmpty() ? null : each.kid(), file);
                findings.ok("oauth2.keys", file + (each.kid().isEmpty() ? "" : ", kid " + each.kid()));
            } catch (NrfKeyException e) {
                findings.error("oauth2.keys", e);
            }
        }
    }

    private void makers(KilnConfiguration.Identities identities) {
        for (KilnConfiguration.Identities.Maker each : identities.makers()) {
            certificates.authorities(
                    "identities.makers." + each.name() + ".certificate",
                    folder.resolve(each.certificate()),
                    lists(each.crl()));
        }
    }

    private void listeners(KilnConfiguration configuration, Ports ports) {
        ports.listener(
                "https", configuration.https().host(), configuration.https().port());
        if (laboratory) {
            ports.listener(
                    "lab", configuration.lab().host(), configuration.lab().port());
        }
        if (configuration.gsup().enabled()) {
            try {
                GsupListener.requireSheltered(configuration.gsup(), laboratory);
                ports.listener(
                        "gsup",
                        configuration.gsup().host(),
                        configuration.gsup().port());
            } catch (ConfigurationException e) {
                findings.error("gsup", e);
            }
        }
    }

    private void storageKey(KilnConfiguration configuration) {
        try {
            configuration.hsm().requireLockedKek(laboratory);
        } catch (ConfigurationException e) {
            findings.error("hsm.kek", e);
        }
    }

    private void people(KilnConfiguration configuration) {
        if (configuration.approvals().isPresent()) {
            findings.ok(
                    "approvals",
                    "two people, within " + configuration.approvals().get().hours() + " hours");
        } else if (!laboratory) {
            findings.warn(
                    "approvals", "one person does what moves keys", "add the section approvals (docs/ceremonies.md)");
        }
        if (!configuration.auc().guardedHost().isEmpty()) {
            findings.warn(
                    "auc.guardedHost",
                    "the host may read keys for "
                            + String.join(", ", configuration.auc().guardedHost()),
                    "is your security officer agreed (docs/security-model.md)?");
        }
    }
}
