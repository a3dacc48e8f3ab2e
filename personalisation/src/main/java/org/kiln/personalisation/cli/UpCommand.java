package org.kiln.personalisation.cli;

import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.kiln.kms.cli.DataOption;
import org.kiln.kms.server.KilnConfiguration;
import org.kiln.personalisation.server.Kiln;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code kiln up}. */
@Command(
        name = "up",
        description = {
            "Serves the vector API and the personalisation API until stopped (SIGTERM, Ctrl-C).",
            "",
            "When it can serve, one line appears on standard output:",
            "  kiln ready https=127.0.0.1:PORT [lab=127.0.0.1:PORT] [gsup=127.0.0.1:PORT]"
        },
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  kiln up --data /srv/kiln",
            "  kiln up --lab --port 0 --lab-port 0      pick free ports, with a listener for clients without TLS"
        })
public final class UpCommand implements Callable<Integer> {

    private static final Logger LOG = LoggerFactory.getLogger(UpCommand.class);

    @Mixin
    private DataOption data = new DataOption();

    @Option(names = "--lab", description = "also listen without TLS, on loopback only, for laboratory clients")
    private boolean lab;

    @Option(
            names = "--auc-only",
            description =
                    "serve vectors and provisioning, not the personalisation API: on all but one of the nodes that share"
                            + " a PostgreSQL store")
    private boolean aucOnly;

    @Option(names = "--port", paramLabel = "PORT", description = "TLS port instead of https.port; 0 picks a free one")
    private @Nullable Integer port;

    @Option(
            names = "--lab-port",
            paramLabel = "PORT",
            description = "laboratory port instead of lab.port; 0 picks a free one")
    private @Nullable Integer labPort;

    @Override
    public Integer call() throws InterruptedException {
        KilnConfiguration configuration = configured(data.configuration());
        Kiln kiln = Kiln.start(data.folder(), configuration, lab, aucOnly);
        CountDownLatch stopped = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().name("stop").unstarted(() -> {
            LOG.info("stopping");
            kiln.close();
            LOG.info("stopped");
            Runtime.getRuntime().halt(0);
        }));
        StringBuilder ready = new StringBuilder("kiln ready https=")
                .append(configuration.https().host())
                .append(':')
                .append(kiln.httpsPort());
        kiln.labPort()
                .ifPresent(open -> ready.append(" lab=")
                        .append(configuration.lab().host())
                        .append(':')
                        .append(open));
        kiln.gsupPort()
                .ifPresent(open -> ready.append(" gsup=")
                        .append(configuration.gsup().host())
                        .append(':')
                        .append(open));
        System.out.println(ready);
        System.out.flush();
        stopped.await();
        return 0;
    }

    private KilnConfiguration configured(KilnConfiguration file) {
        KilnConfiguration.Listener https =
                port == null ? file.https() : file.https().withPort(port);
        KilnConfiguration.Listener laboratory =
                labPort == null ? file.lab() : file.lab().withPort(labPort);
        return file.listening(https, laboratory);
    }
}
