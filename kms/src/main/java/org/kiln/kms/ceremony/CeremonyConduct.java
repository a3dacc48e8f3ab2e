package org.kiln.kms.ceremony;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.kiln.kms.ceremony.CeremonyRecord.Taken;
import org.kiln.kms.ceremony.CeremonyScript.Step;

/**
 * Leads people through a script at a terminal. Each part is another person's; each step is confirmed by the name of whose it is, and
 * a command that fails, or somebody who says {@value #STOP}, breaks the ceremony off. There is a record either way.
 */
public final class CeremonyConduct {

    static final String STOP = "stop";

    private final CeremonyScript script;
    private final Map<String, String> parameters;
    private final BufferedReader in;
    private final PrintStream out;
    private final Commands commands;
    private final InstantSource clock;
    private final Map<String, String> present = new LinkedHashMap<>();
    private final List<Taken> taken = new ArrayList<>();

    /** Runs a verb of kiln, and shows what it prints. */
    @FunctionalInterface
    public interface Commands {
        Ended run(List<String> words);
    }

    /** How a verb ended, and what it printed. */
    public record Ended(int exitCode, String output) {}

    /** Whose ceremony it was, and on which token; both empty where it was broken off before there was one. */
    public record Place(String operator, String token) {}

    /** @throws IllegalArgumentException naming parameters that are missing or are none */
    public CeremonyConduct(
            CeremonyScript script,
            Map<String, String> parameters,
            BufferedReader in,
            PrintStream out,
            Commands commands,
            InstantSource clock) {
        this.script = script.with(parameters);
        this.parameters = parameters;
        this.in = in;
        this.out = out;
        this.commands = commands;
        this.clock = clock;
    }

    /** Why a ceremony does not go on. */
    private static final class BrokenOff extends Exception {
        private static final long serialVersionUID = 1L;

        BrokenOff(String reason) {
            super(reason, null, false, false);
        }
    }

    private String now() {
        return clock.instant().truncatedTo(ChronoUnit.SECONDS).toString();
    }

    /**
     * Leads it to its end, or to where it is broken off.
     *
     * @param place asked at the end, when the token is there
     */
    public CeremonyRecord lead(Supplier<Place> place) throws IOException {
        String begun = now();
        String reason = "";
        try {
            out.println("Ceremony: " + script.name());
            out.println(script.purpose());
            out.println("Type 'stop' at any question to break it off; a record is left either way.");
            for (String part : script.people()) {
                present.put(part, name(part));
            }
            for (Step step : script.steps()) {
                take(step);
            }
        } catch (BrokenOff e) {
            reason = String.valueOf(e.getMessage());
            out.println("Broken off: " + reason);
        }
        Place held = place.get();
        return new CeremonyRecord(
                CeremonyRecord.FORM,
                script.name(),
                script.purpose(),
                held.operator(),
                held.token(),
                begun,
                now(),
                reason.isEmpty() ? CeremonyRecord.COMPLETED : CeremonyRecord.BROKEN_OFF,
                reason,
                present,
                parameters,
                taken);
    }

    private String name(String part) throws IOException, BrokenOff {
        while (true) {
            String name = ask("Who is the " + part + "? Type your name: ");
            boolean isTaken = present.values().stream().anyMatch(each -> isSame(each, name));
            if (name.matches("[\\p{L}\\p{N}][\\p{L}\\p{N} .'-]{0,63}") && !isTaken) {
                return name;
            }
            out.println(isTaken ? "Each part is another person's." : "A name has letters, digits, spaces and . ' -");
        }
    }

    private void take(Step step) throws IOException, BrokenOff {
        int number = taken.size() + 1;
        String name = present.getOrDefault(step.who(), "");
        String who = step.who() + " (" + name + ")";
        String command = String.join(" ", step.command());
        out.println();
        out.println("Step " + number + " of " + script.steps().size() + ": " + who);
        out.println(step.say());
        Ended ended = new Ended(0, "");
        boolean confirmed = false;
        try {
            if (!step.command().isEmpty()) {
                out.println("  $ kiln " + command);
                ask("Press Enter to run it: ");
                ended = commands.run(step.command());
                if (ended.exitCode() != 0) {
                    throw new BrokenOff("the command of step " + number + " ended with exit code " + ended.exitCode());
                }
            }
            out.println("Check: " + step.check());
            while (!isSame(ask("If it is so, " + name + ", type your name: "), name)) {
                out.println("That is not the name of the " + step.who() + ".");
            }
            confirmed = true;
        } finally {
            taken.add(new Taken(
                    number,
                    who,
                    step.say(),
                    step.check(),
                    command,
                    ended.output(),
                    ended.exitCode(),
                    confirmed,
                    now()));
        }
    }

    private String ask(String question) throws IOException, BrokenOff {
        out.print(question);
        out.flush();
        @Nullable String answer = in.readLine();
        if (answer == null) {
            throw new BrokenOff("the input ended");
        }
        if (isSame(answer, STOP)) {
            throw new BrokenOff("somebody said stop");
        }
        return answer.strip();
    }

    private static boolean isSame(String one, String other) {
        return one.strip().toLowerCase(Locale.ROOT).equals(other.strip().toLowerCase(Locale.ROOT));
    }
}
