package org.kiln.personalisation.output;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.kiln.kms.subscriber.Algorithm;
import org.kiln.personalisation.order.CardOrder;
import org.kiln.personalisation.order.DeliveryPlan;
import org.kiln.personalisation.partner.Partner;
import org.kiln.personalisation.profile.CardProfile;
import org.kiln.personalisation.profile.CodeRule;
import org.kiln.personalisation.profile.Keyset;
import org.kiln.personalisation.profile.Share;
import org.kiln.transfer.batch.Column;
import org.kiln.transfer.batch.Content;
import org.kiln.transfer.batch.KcvConvention;
import org.kiln.transfer.batch.Protection;
import org.kiln.transfer.batch.Wrapping;
import org.kiln.transfer.output.KeyBlocks;

/** The columns of a file: what its recipient needs of a card, and no more. */
public final class CardColumns {

    public static final String ICCID = "ICCID";
    public static final String IMSI = "IMSI";
    public static final String MSISDN = "MSISDN";
    public static final String EID = "EID";
    /** Access control class: EF.ACC of TS 31.102. */
    public static final String ACC = "ACC";

    public static final String ALGORITHM = "ALGORITHM";
    public static final String KI = "KI";
    public static final String OPC = "OPC";
    public static final String TOPC = "TOPC";

    public static final String AMF = "AMF";
    public static final String SQN_SCHEME = "SQN_SCHEME";
    public static final String IND_LENGTH = "IND_LENGTH";
    public static final String SQN_DELTA = "SQN_DELTA";
    public static final String SQN_AGE_LIMIT = "SQN_AGE_LIMIT";
    /** Elements of an eUICC's profile package with wrapped keys, DER in Base64; see docs/formats.md. */
    public static final String PROFILE_ELEMENTS = "PROFILE_ELEMENTS";

    /** Of a PIN that is not asked for: {@code PIN1_STATE}. */
    public static final String STATE_SUFFIX = "_STATE";

    private final CardProfile profile;
    private final CardOrder request;
    private final Partner partner;
    private final UnaryOperator<String> kcvs;
    private final List<Column> columns = new ArrayList<>();

    private CardColumns(CardProfile profile, CardOrder request, Partner partner, UnaryOperator<String> kcvs) {
        this.profile = profile;
        this.request = request;
        this.partner = partner;
        this.kcvs = kcvs;
    }

    /**
     * The columns of a file, in order: of those that the recipient is meant to have, those that its format holds.
     *
     * @param kcvs zero-block check values of transport keys, by label
     * @throws IllegalArgumentException if the format cannot hold what it must: the message says what
     */
    public static List<Column> of(
            CardProfile profile, CardOrder request, DeliveryPlan plan, UnaryOperator<String> kcvs) {
        CardColumns made = new CardColumns(profile, request, plan.partner(), kcvs);
        made.add(plan.share());
        made.requireKeyBlocks();
        return List.copyOf(plan.partner().format().columns(made.columns));
    }

    private void requireKeyBlocks() {
        KeyBlocks blocks = partner.format().keyBlocks();
        if (blocks != null) {
            for (KeyBlocks.Of block : blocks.columns()) {
                Column named = columns.stream()
                        .filter(column -> column.name().equals(block.column()))
                        .findFirst()
                        .orElseThrow(() -> new IllegalArgumentException(
                                "keyBlocks names column " + block.column() + ", which this file does not have"));
                if (named.protection() != Protection.KEY_BLOCK) {
                    throw new IllegalArgumentException(
                            "keyBlocks names column " + block.column() + ", whose values are no keys");
                }
            }
        }
    }

    private void add(Share share) {
        numbers();
        switch (share) {
            case CARD_VENDOR -> {
                clear(ACC);
                authentication();
                clear(IND_LENGTH);
                clear(SQN_DELTA);
                clear(SQN_AGE_LIMIT);
                profile.codesInOrder().forEach(this::code);
                keysets();
            }
            case AUC -> {
                authentication();
                clear(AMF);
                clear(SQN_SCHEME);
                clear(IND_LENGTH);
            }
            case PROFILE_PLATFORM -> {
                authentication();
                keysets();
                clear(PROFILE_ELEMENTS);
            }
            case OTA_PLATFORM -> keysets();
            case CUSTOMER_CARE ->
                profile.codesInOrder().forEach((code, rule) -> {
                    if (code.startsWith("PUK")) {
                        code(code, rule);
                    }
                });
        }
    }

    private void numbers() {
        clear(ICCID);
        clear(IMSI);
        if (request.msisdns() != null) {
            clear(MSISDN);
        }
        if (request.eids() != null) {
            clear(EID);
        }
    }

    private void authentication() {
        Algorithm algorithm = profile.authentication().parsedAlgorithm();
        clear(ALGORITHM);
        key(KI, Content.AES_KEY, KcvConvention.ZERO_BLOCK);
        if (algorithm.opcOctets() > 0) {
            columns.add(wrapped(nameOfOpc(algorithm), Content.AES_KEY));
        }
    }

    /** The column of OPc, which is TOPc for TUAK. */
    public static String nameOfOpc(Algorithm algorithm) {
        return algorithm instanceof Algorithm.Tuak ? TOPC : OPC;
    }

    private void code(String code, CodeRule rule) {
        if (rule instanceof CodeRule.Disabled) {
            clear(code + STATE_SUFFIX);
        } else if (partner.format().holdsCodesInTheClear()) {
            clear(code);
        } else {
            columns.add(wrapped(code, Content.CODE));
        }
    }

    private void keysets() {
        for (Keyset keyset : profile.keysets()) {
            Content content = keyset.algorithm().isDes() ? Content.DES_KEY : Content.AES_KEY;
            keyset.keyNames().forEach(name -> key(name, content, keyset.kcvConvention()));
            if (keyset.channel() == Keyset.Channel.SCP80) {
                clear(keyset.counterName());
            }
        }
    }

    private void clear(String name) {
        columns.add(Column.clear(name));
    }

    private void key(String name, Content content, KcvConvention convention) {
        columns.add(wrapped(name, content));
        columns.add(Column.kcv(name, convention));
    }

    private Column wrapped(String name, Content content) {
        String label = partner.transportKeyOf(name);
        KeyBlocks blocks = partner.format().keyBlocks();
        Optional<String> usage = blocks == null ? Optional.empty() : blocks.usageOf(name);
        if (usage.isPresent()) {
            return Column.keyBlock(name, label, kcvs.apply(label), usage.get(), content);
        }
        Wrapping wrapping = content == Content.CODE ? Wrapping.AES_KWP : partner.keyWrapping();
        return Column.wrapped(name, label, kcvs.apply(label), wrapping, content);
    }
}
