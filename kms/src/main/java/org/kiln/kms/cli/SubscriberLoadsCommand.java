package org.kiln.kms.cli;

import java.util.concurrent.Callable;
import org.kiln.kms.provisioning.SubscriberLoad;
import org.kiln.kms.provisioning.SubscriberLoads;
import org.kiln.kms.server.AucNode;
import org.kiln.kms.server.ConfigurationException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code kiln subscriber loads}. */
@Command(
        name = "loads",
        description = "Lists load files whose import is not finished, or gives one up.",
        mixinStandardHelpOptions = true)
final class SubscriberLoadsCommand implements Callable<Integer> {

    @Mixin
    private DataOption data = new DataOption();

    @Option(
            names = "--give-up",
            paramLabel = "NUMBER",
            description = "remove what was taken over of this one, of which nobody is served yet")
    private int givenUp;

    @Override
    public Integer call() {
        try (AucNode node = AucNode.open(data.folder(), data.configuration())) {
            SubscriberLoads loads = node.subscriberLoads();
            if (givenUp != 0) {
                loads.giveUp(loads.list().stream()
                        .filter(load -> load.id() == givenUp)
                        .findFirst()
                        .orElseThrow(() -> new ConfigurationException("there is no unfinished load " + givenUp)));
                System.out.println("gave up load " + givenUp);
                return 0;
            }
            loads.list().forEach(SubscriberLoadsCommand::print);
        }
        return 0;
    }

    private static void print(SubscriberLoad load) {
        System.out.printf(
                "%d  %s  %s  %d of %d rows, begun %s, SHA-256 %s%n",
                load.id(), load.state(), load.name(), load.passed(), load.fileRows(), load.begunAt(), load.sha256());
    }
}
