package org.kiln.kms.cli;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.kiln.kms.approval.Act;
import org.kiln.kms.keys.TransportKeys;
import org.kiln.kms.provisioning.TransportKey;
import org.kiln.kms.provisioning.TransportKeyRegister;
import org.kiln.kms.provisioning.TransportKeyState;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code kiln transport-key list}, {@code activate}, {@code suspend}, {@code retire} and {@code destroy}. */
final class TransportKeyLife {

    private TransportKeyLife() {}

    /** {@code kiln transport-key list}. */
    @Command(
            name = "list",
            description = "Lists them with their states, periods and check values.",
            mixinStandardHelpOptions = true)
    static final class ListKeys implements Callable<Integer> {

        @Mixin
        private DataOption data = new DataOption();

        @Override
        public Integer call() {
            LocalDate today = LocalDate.now(ZoneOffset.UTC);
            for (TransportKey key : new TransportKeyDesk(data).atRegister(TransportKeyRegister::list)) {
                System.out.printf(
                        "%-24s %-16s %-9s AES-%d  %-10s %s .. %s  %s%s%n",
                        key.label(),
                        key.partner(),
                        key.direction(),
                        8 * key.octets(),
                        key.state(),
                        day(key.period().firstDay().orElse(null)),
                        day(key.period().lastDay().orElse(null)),
                        key.kcv(),
                        key.state() == TransportKeyState.ACTIVE
                                        && key.refusal(today).isPresent()
                                ? "  NOT WITHIN ITS PERIOD"
                                : "");
            }
            return 0;
        }

        private static String day(@Nullable LocalDate day) {
            return day == null ? "-" : day.toString();
        }
    }

    /** What the changes of state have in common. */
    abstract static class Change implements Callable<Integer> {

        @Mixin
        private DataOption data = new DataOption();

        @Parameters(paramLabel = "LABEL", description = "the transport key's label")
        private String label = "";

        private final TransportKeyState next;

        Change(TransportKeyState next) {
            this.next = next;
        }

        @Override
        public Integer call() {
            TransportKeyDesk desk = new TransportKeyDesk(data);
            TransportKey changed = next == TransportKeyState.DESTROYED
                    ? desk.inCeremony((ceremony, register) -> {
                        TransportKey destroyed = register.change(label, next, Instant.now());
                        new TransportKeys(ceremony).destroy(label);
                        return destroyed;
                    })
                    : next == TransportKeyState.ACTIVE
                            ? desk.atRegister(
                                    Act.TRANSPORT_KEY_ACTIVATION,
                                    label,
                                    register -> register.change(label, next, Instant.now()))
                            : desk.atRegister(register -> register.change(label, next, Instant.now()));
            System.out.println("transport key '" + label + "' of " + changed.partner() + " is " + changed.state());
            return 0;
        }
    }

    /** {@code kiln transport-key activate}. */
    @Command(
            name = "activate",
            description = "Puts a new or suspended transport key to use.",
            mixinStandardHelpOptions = true)
    static final class Activate extends Change {
        Activate() {
            super(TransportKeyState.ACTIVE);
        }
    }

    /** {@code kiln transport-key suspend}. */
    @Command(
            name = "suspend",
            description = "Stops all use of a transport key until its case is decided.",
            mixinStandardHelpOptions = true)
    static final class Suspend extends Change {
        Suspend() {
            super(TransportKeyState.SUSPENDED);
        }
    }

    /** {@code kiln transport-key retire}. */
    @Command(
            name = "retire",
            description = "Ends a transport key's use; what came under an incoming one may still be taken.",
            mixinStandardHelpOptions = true)
    static final class Retire extends Change {
        Retire() {
            super(TransportKeyState.RETIRED);
        }
    }

    /** {@code kiln transport-key destroy}. */
    @Command(
            name = "destroy",
            description = {
                "Destroys a retired or suspended transport key in the token, its object for OPc too.",
                "If it is broken off, give it again."
            },
            mixinStandardHelpOptions = true)
    static final class Destroy extends Change {
        Destroy() {
            super(TransportKeyState.DESTROYED);
        }
    }
}
