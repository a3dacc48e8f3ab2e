package org.kiln.personalisation.intake;

import java.util.HexFormat;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.kiln.kms.hsm.LaneSession;
import org.kiln.kms.provisioning.SubscriberIntake;
import org.kiln.kms.subscriber.Subscriber;
import org.kiln.kms.subscriber.SubscriberStatus;
import org.kiln.personalisation.order.CardNumbers;
import org.kiln.personalisation.order.Order;
import org.kiln.personalisation.profile.Authentication;
import org.kiln.transfer.batch.BatchHandler;
import org.kiln.transfer.batch.BatchRecord;
import org.kiln.transfer.batch.Column;
import org.kiln.transfer.batch.Manifest;
import org.kiln.transfer.batch.Protection;
import org.kiln.transfer.batch.Wrapping;

/** One reading of a vendor's batch: held against its order, card by card, and passed on. */
final class VendorBatch implements BatchHandler {

    private static final String KI = "KI";
    private static final String OPC = "OPC";
    private static final String TOPC = "TOPC";
    private static final String KI_KCV = KI + Column.KCV_SUFFIX;

    private final Order order;
    private final String operator;
    private final VendorSecrets secrets;
    private final Consumer<Card> cards;
    private final CardNumbers numbers;
    private String wrapping = "";
    private int count;

    /** A card whose numbers are those that the order gave it. */
    record Card(int position, CardNumbers.Of numbers, BatchRecord record) {}

    /**
     * @param operator as manifests must name the recipient
     * @param secrets takes what is neither Ki nor OPc
     * @param cards takes each card, in order
     */
    VendorBatch(Order order, String operator, VendorSecrets secrets, Consumer<Card> cards) {
        this.order = order;
        this.operator = operator;
        this.secrets = secrets;
        this.cards = cards;
        numbers = new CardNumbers(order);
    }

    /** How many cards were passed on. */
    int count() {
        return count;
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
                        column.protection() == Protection.WRAPPED
                                && order.request().transportKey().equals(column.keyLabel()),
                        "column " + column.name() + " is not wrapped under '"
                                + order.request().transportKey() + "'");
                wrapping = loadFileName(Objects.requireNonNull(column.wrapping()));
            }
        }
        require(!wrapping.isEmpty(), "there is no column KI");
        secrets.requireColumns(manifest);
    }

    private static String loadFileName(Wrapping wrapping) {
        return switch (wrapping) {
            case AES_KWP -> "aes-kwp";
            case AES_KW -> "aes-kw";
            default -> throw new IntakeException("keys are wrapped by " + wrapping + "; Kiln takes AES_KWP or AES_KW");
        };
    }

    @Override
    public void card(BatchRecord record) {
        CardNumbers.Of given = numbers.of(count);
        requireSame(record, "ICCID", given.iccid().digits());
        requireSame(record, "IMSI", given.imsi().digits());
        cards.accept(new Card(count, given, record));
        count++;
    }

    private static void requireSame(BatchRecord record, String column, String given) {
        require(
                given.equals(record.values().get(column)),
                "line " + record.line() + ", column " + column
                        + ": it is not the number that the order gave to this card");
    }

    /**
     * Takes a card's keys in, in the token.
     *
     * @throws org.kiln.kms.provisioning.LoadFileException naming the line and the rule that is broken, of Ki and OPc
     * @throws IntakeException naming them, of other secrets
     */
    StagedCards.Staged take(LaneSession session, SubscriberIntake intake, Card card) {
        Subscriber subscriber = intake.take(
                        session, column -> column(column, card), card.record().line())
                .withStatus(SubscriberStatus.PENDING);
        return new StagedCards.Staged(secrets.take(session, card, subscriber), subscriber);
    }

    /** The card as a load file would have it. */
    private String column(String name, Card card) {
        Authentication authentication = order.profile().authentication();
        Map<String, String> values = card.record().values();
        return switch (name) {
            case "supi" -> card.numbers().imsi().asSupi().value();
            case "algorithm" -> authentication.parsedAlgorithm().label();
            case "transportKey" -> order.request().transportKey();
            case "wrapping" -> wrapping;
            case "eki" -> values.getOrDefault(KI, "");
            case "kcv" -> values.getOrDefault(KI_KCV, "");
            case "eopc" -> values.getOrDefault(OPC, "");
            case "etopc" -> values.getOrDefault(TOPC, "");
            case "amf" -> HexFormat.of().toHexDigits((short) authentication.amfValue());
            case "sqn" -> "000000000000";
            case "sqnScheme" -> authentication.sequences().scheme().name();
            case "indLength" -> String.valueOf(authentication.sequences().indLength());
            default -> "";
        };
    }

    static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new IntakeException(otherwise);
        }
    }
}
