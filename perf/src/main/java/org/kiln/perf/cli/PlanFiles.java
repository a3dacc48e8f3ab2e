package org.kiln.perf.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.kiln.perf.plan.Costs;
import org.kiln.perf.plan.PlanException;
import org.kiln.perf.plan.TokenKind;
import org.kiln.perf.plan.Traffic;
import org.kiln.personalisation.document.Documents;
import org.kiln.personalisation.document.Rules;

/** The files that a plan is made from and of. */
final class PlanFiles {

    private PlanFiles() {}

    /** @throws org.kiln.personalisation.document.DocumentException naming line, column and rule */
    static Traffic traffic(Path file) {
        return Documents.readYaml(file.toString(), octets(file), Traffic.class);
    }

    /** Likewise. */
    static Costs costs(Path file) {
        return Documents.readJson(file.toString(), octets(file), Costs.class);
    }

    /** The token of a name in a file of tokens. */
    static TokenKind token(Path file, String name) {
        List<TokenKind> tokens =
                Documents.readYaml(file.toString(), octets(file), Tokens.class).tokens();
        return tokens.stream()
                .filter(token -> token.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new PlanException("no token '" + name + "' in " + file + "; there are "
                        + String.join(", ", tokens.stream().map(TokenKind::name).toList())));
    }

    /** What {@code tokens.yaml} holds. */
    record Tokens(List<TokenKind> tokens) {
        Tokens {
            tokens = Rules.list("tokens", tokens);
        }
    }

    /** A value as JSON that people can read. */
    static String pretty(Object value) {
        try {
            return JsonMapper.builder().build().writerWithDefaultPrettyPrinter().writeValueAsString(value);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static void write(Path file, String text) {
        try {
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new PlanException(file + " cannot be written: " + e.getMessage());
        }
    }

    private static byte[] octets(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new PlanException(file + " cannot be read: " + e.getMessage());
        }
    }
}
