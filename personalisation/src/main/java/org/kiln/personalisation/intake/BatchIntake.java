package org.kiln.personalisation.intake;

import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.kiln.kms.hsm.TokenCluster;
import org.kiln.kms.provisioning.LoadFileException;
import org.kiln.kms.provisioning.SubscriberIntake;
import org.kiln.kms.store.Database;
import org.kiln.kms.subscriber.DuplicateSubscriberException;
import org.kiln.kms.subscriber.Subscriber;
import org.kiln.kms.subscriber.SubscriberStatus;
import org.kiln.kms.subscriber.SubscriberStore;
import org.kiln.personalisation.order.CardNumbers;
import org.kiln.personalisation.order.CardStore;
import org.kiln.personalisation.order.MadeCard;
import org.kiln.personalisation.order.Order;
import org.kiln.personalisation.order.OrderBook;
import org.kiln.personalisation.order.OrderException;
import org.kiln.personalisation.order.OrderState;
import org.kiln.personalisation.profile.Authentication;
import org.kiln.transfer.batch.BatchFormatException;
import org.kiln.transfer.batch.BatchHandler;
import org.kiln.transfer.batch.BatchReader;
import org.kiln.transfer.batch.BatchRecord;
import org.kiln.transfer.batch.Column;
import org.kiln.transfer.batch.Manifest;
import org.kiln.transfer.batch.Wrapping;
import org.kiln.transfer.envelope.EnvelopeException;
import org.kiln.transfer.envelope.Identity;
import org.kiln.transfer.envelope.Opener;
import org.kiln.transfer.envelope.SignerTrust;
import org.kiln.transfer.envelope.VerifiedEnvelope;
import org.kiln.transfer.output.OutputFormats;

/**
 * Takes a vendor's batch in: his signature, the manifest against the order, each card's numbers against those that were
 * given, Ki and OPc unwrapped under the incoming transport key in the token, check values compared. All cards are stored in
 * one transaction, or none.
 */
public final class BatchIntake {

    private static final String KI = "KI";
    private static final String OPC = "OPC";
    private static final String TOPC = "TOPC";
    private static final String KI_KCV = KI + Column.KCV_SUFFIX;

    private final Identity recipient;
    private final String operator;
    private final TokenCluster tokens;
    private final SubscriberIntake intake;
    private final Database database;
    private final SubscriberStore subscribers;
    private final CardStore cards;
    private final OrderBook orders;
    private final InstantSource clock;

    /**
     * @param recipient the token's envelope key
     * @param operator as manifests must name the recipient
     */
    public BatchIntake(
            Identity recipient,
            String operator,
            TokenCluster tokens,
            SubscriberIntake intake,
            Database database,
            SubscriberStore subscribers,
            CardStore cards,
            OrderBook orders,
            InstantSource clock) {
        this.recipient = recipient;
        this.operator = operator;
        this.tokens = tokens;
        this.intake = intake;
        this.database = database;
        this.subscribers = subscribers;
        this.cards = cards;
        this.orders = orders;
        this.clock = clock;
    }

    /**
     * Takes the batch of an order.
     *
     * @param trust whose signature it must bear
     * @param actor who hands it in
     * @return the order, acknowledged
     * @throws IntakeException if it is refused
     * @throws OrderException.WrongState unless the order awaits it
     */
    public Order take(Order order, Path file, SignerTrust trust, String actor) {
        requireAwaited(order);
        List<Taken> taken;
        try {
            Opener opener = new Opener(recipient, trust, clock);
            VerifiedEnvelope verified = opener.verify(file);
            Reading reading = opener.open(file, verified, in -> {
                Reading all = new Reading(order);
                all.requireAbout(BatchReader.read(in, OutputFormats.PARSER, all));
                return all;
            });
            taken = reading.taken();
        } catch (EnvelopeException | BatchFormatException e) {
            throw new IntakeException(String.valueOf(e.getMessage()));
        } catch (IOException e) {
            throw new IntakeException("the batch cannot be read: " + e.getMessage());
        }
        return store(order, taken, actor);
    }

    /** @throws OrderException.WrongState unless an order awaits a batch */
    public static void requireAwaited(Order order) {
        if (order.state() != OrderState.AWAITED) {
            throw new OrderException.WrongState("the order is " + order.state() + " and awaits no batch");
        }
    }

    private Order store(Order order, List<Taken> taken, String actor) {
        try {
            return database.write(connection -> {
                Order now = OrderBook.require(connection, order.id());
                subscribers.insert(
                        connection, taken.stream().map(Taken::subscriber).toList());
                cards.insert(
                        connection, order.id(), taken.stream().map(Taken::card).toList());
                return orders.move(
                        connection, now, OrderState.ACKNOWLEDGED, actor, taken.size() + " cards of the vendor's own");
            });
        } catch (DuplicateSubscriberException e) {
            throw new IntakeException("subscriber " + e.supi().masked() + " exists already; nothing was taken");
        }
    }

    private record Taken(MadeCard card, Subscriber subscriber) {}

    /** One pass over a batch. */
    private final class Reading implements BatchHandler {

        private final Order order;
        private final CardNumbers numbers;
        private final List<BatchRecord> records = new ArrayList<>();
        private String wrapping = "";

        Reading(Order order) {
            this.order = order;
            numbers = new CardNumbers(order);
        }

        @Override
        public void manifest(Manifest manifest) {
            require(manifest.orderId().equals(order.id()), "the manifest is about order " + manifest.orderId());
            require(manifest.issuer().equals(order.request().vendor()), "the manifest is by " + manifest.issuer());
            require(
                    manifest.recipient().equals(operator),
                    "the manifest is for '" + manifest.recipient() + "', not for '" + operator + "'");
            require(
                    manifest.quantity() == order.request().quantity(),
                    "the manifest has " + manifest.quantity() + " cards, the order "
                            + order.request().quantity());
            for (Column column : manifest.columns()) {
                if (column.name().equals(KI)
                        || column.name().equals(OPC)
                        || column.name().equals(TOPC)) {
                    require(
                            order.request().transportKey().equals(column.keyLabel()),
                            "column " + column.name() + " is not wrapped under '"
                                    + order.request().transportKey() + "'");
                    wrapping = loadFileName(Objects.requireNonNull(column.wrapping()));
                }
            }
            require(!wrapping.isEmpty(), "there is no column KI");
        }

        /** What was read to its end is what its beginning said. */
        void requireAbout(Manifest whole) {
            require(whole.quantity() == records.size(), "the manifest and the cards differ in number");
        }

        private static String loadFileName(Wrapping wrapping) {
            return switch (wrapping) {
                case AES_KWP -> "aes-kwp";
                case AES_KW -> "aes-kw";
                default ->
                    throw new IntakeException("keys are wrapped by " + wrapping + "; Kiln takes AES_KWP or AES_KW");
            };
        }

        @Override
        public void card(BatchRecord record) {
            CardNumbers.Of given = numbers.of(records.size());
            requireSame(record, "ICCID", given.iccid().digits());
            requireSame(record, "IMSI", given.imsi().digits());
            records.add(record);
        }

        private void requireSame(BatchRecord record, String column, String given) {
            require(
                    given.equals(record.values().get(column)),
                    "line " + record.line() + ", column " + column
                            + ": it is not the number that the order gave to this card");
        }

        List<Taken> taken() {
            try {
                return tokens.callOnFirst(session -> {
                    List<Taken> taken = new ArrayList<>(records.size());
                    for (BatchRecord record : records) {
                        CardNumbers.Of given = numbers.of(taken.size());
                        Subscriber subscriber = intake.take(
                                        session, column -> column(column, record, given), record.line())
                                .withStatus(SubscriberStatus.PENDING);
                        taken.add(new Taken(
                                new MadeCard(
                                        taken.size(),
                                        given.iccid().digits(),
                                        given.imsi().digits(),
                                        given.msisdn() == null
                                                ? null
                                                : given.msisdn().digits(),
                                        given.eid() == null ? null : given.eid().digits(),
                                        Map.of(),
                                        Map.of()),
                                subscriber));
                    }
                    return taken;
                });
            } catch (LoadFileException e) {
                throw new IntakeException(String.valueOf(e.getMessage()));
            }
        }

        /** The card as a load file would have it. */
        private String column(String name, BatchRecord record, CardNumbers.Of given) {
            Authentication authentication = order.profile().authentication();
            return switch (name) {
                case "supi" -> given.imsi().asSupi().value();
                case "algorithm" -> authentication.parsedAlgorithm().label();
                case "transportKey" -> order.request().transportKey();
                case "wrapping" -> wrapping;
                case "eki" -> record.values().getOrDefault(KI, "");
                case "kcv" -> record.values().getOrDefault(KI_KCV, "");
                case "eopc" -> record.values().getOrDefault(OPC, "");
                case "etopc" -> record.values().getOrDefault(TOPC, "");
                case "amf" -> HexFormat.of().toHexDigits((short) authentication.amfValue());
                case "sqn" -> "000000000000";
                case "sqnScheme" -> authentication.sequences().scheme().name();
                case "indLength" -> String.valueOf(authentication.sequences().indLength());
                default -> "";
            };
        }
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new IntakeException(otherwise);
        }
    }
}
