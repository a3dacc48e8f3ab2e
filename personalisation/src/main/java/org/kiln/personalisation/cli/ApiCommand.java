package org.kiln.personalisation.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.PrintStream;
import java.net.ConnectException;
import java.util.concurrent.Callable;
import org.kiln.kms.server.ConfigurationException;
import org.kiln.personalisation.client.ApiClient;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** A command that asks the service and prints what it answers. */
abstract class ApiCommand implements Callable<Integer> {

    @Mixin
    private ServerOption server = new ServerOption();

    @Option(names = "--json", description = "print the answer as JSON")
    private boolean json;

    final PrintStream out = System.out;

    /** Asks; what it returns is printed. */
    abstract JsonNode ask(ApiClient client) throws IOException, InterruptedException;

    /** Prints an answer for a person. */
    abstract void print(JsonNode answer);

    @Override
    public final Integer call() throws IOException, InterruptedException {
        try (ApiClient client = server.client()) {
            JsonNode answer = ask(client);
            if (json) {
                out.println(answer.toPrettyString());
            } else {
                print(answer);
            }
            return 0;
        } catch (ConnectException e) {
            throw new ConfigurationException(
                    "the service cannot be reached; is 'kiln up' running? Name another with" + " --server", e);
        }
    }

    static String text(JsonNode node, String member) {
        return node.path(member).asText("");
    }
}
