package org.kiln.kms.cli;

import java.io.Console;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.kiln.kms.keys.KeyComponent;
import org.kiln.kms.server.ConfigurationException;
import org.kiln.secret.Secret;

/** Asks one custodian after the other for his component at the terminal, without showing it. */
final class ComponentPrompt {

    private static final String CLEAR_SCREEN = "\033[H\033[2J";

    private ComponentPrompt() {}

    /** @throws ConfigurationException if there is no terminal, or a component is no hexadecimal of a key's length */
    static List<KeyComponent> ask(int custodians) {
        Console console = Objects.requireNonNull(System.console());
        if (!console.isTerminal()) {
            throw new ConfigurationException("--enter needs a terminal; in a script, use --component files");
        }
        List<KeyComponent> components = new ArrayList<>();
        try {
            for (int custodian = 1; custodian <= custodians; custodian++) {
                console.printf(
                        "%sCustodian %d of %d: please come to the keyboard alone.%n",
                        CLEAR_SCREEN, custodian, custodians);
                components.add(component(console, "of custodian " + custodian));
            }
            console.printf(CLEAR_SCREEN);
            return components;
        } catch (RuntimeException e) {
            components.forEach(KeyComponent::close);
            throw e;
        }
    }

    private static KeyComponent component(Console console, String name) {
        char[] digits = console.readPassword("component, 32, 48 or 64 hexadecimal digits (not shown): ");
        String kcv = console.readLine("its check value, 6 to 10 hexadecimal digits: ");
        if (digits == null || kcv == null) {
            throw new ConfigurationException("the component " + name + " was not given");
        }
        return KeyComponent.of(name, Secret.takeFrom(digits), kcv.strip());
    }
}
