package org.kiln.personalisation.intake;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.kiln.kms.hsm.LaneSession;
import org.kiln.kms.keys.CheckValues;
import org.kiln.kms.keys.KeyException;
import org.kiln.kms.keys.KeyLabels;
import org.kiln.kms.keys.KeyPolicy;
import org.kiln.kms.keys.KeyRing;
import org.kiln.kms.keys.StorageKeys;
import org.kiln.kms.keys.WrappedKey;
import org.kiln.kms.subscriber.Subscriber;
import org.kiln.personalisation.generation.CardLines;
import org.kiln.personalisation.generation.OrderLines;
import org.kiln.personalisation.order.MadeCard;
import org.kiln.personalisation.order.Order;
import org.kiln.personalisation.output.CardColumns;
import org.kiln.personalisation.profile.CardProfile;
import org.kiln.personalisation.profile.CodeRule;
import org.kiln.personalisation.profile.Keyset;
import org.kiln.pkcs11.Cka;
import org.kiln.pkcs11.Ckr;
import org.kiln.pkcs11.Mechanism;
import org.kiln.pkcs11.Pkcs11Exception;
import org.kiln.pkcs11.Session;
import org.kiln.pkcs11.Template;
import org.kiln.token.TokenProfile;
import org.kiln.transfer.batch.Column;
import org.kiln.transfer.batch.Content;
import org.kiln.transfer.batch.KcvConvention;
import org.kiln.transfer.batch.Manifest;
import org.kiln.transfer.batch.Protection;
import org.kiln.transfer.batch.Wrapping;

/**
 * What a vendor's batch brings beside Ki and OPc, as far as a file of the order or the operator wants it: the keys of
 * keysets and the codes. Each is unwrapped in the token under the incoming transport key, a key is compared with its check
 * value, and all are wrapped again by the lines that Kiln's own cards have too. An AES key comes under the transport key
 * itself, which hides all that it unwraps; a 3DES key and a code under its second object, which would not, and are stated
 * to be hidden by Kiln.
 */
final class VendorSecrets {

    private static final HexFormat HEX = HexFormat.of();
    private static final int WRAP_OVERHEAD = 8;
    private static final int CODE_BLOB = CodeRule.OCTETS + WRAP_OVERHEAD;

    private final CardProfile profile;
    private final String transportKey;
    private final OrderLines lines;
    private final KeyRing ring;
    private final StorageKeys storage;
    private final TokenProfile token;
    private final KeyPolicy policy;
    private Map<String, Column> columns = Map.of();

    VendorSecrets(Order order, OrderLines lines, KeyRing ring, StorageKeys storage, TokenProfile token) {
        profile = order.profile();
        transportKey = order.request().transportKey();
        this.lines = lines;
        this.ring = ring;
        this.storage = storage;
        this.token = token;
        policy = new KeyPolicy(token.privateSessionObjects());
    }

    /**
     * Checks that the batch has a column for each secret that is wanted, and how.
     *
     * @throws IntakeException naming the column and what is wrong with it
     */
    void requireColumns(Manifest manifest) {
        columns = manifest.columns().stream().collect(Collectors.toMap(Column::name, Function.identity()));
        profile.codesInOrder().forEach((code, rule) -> {
            if (isWanted(code, rule)) {
                requireWrapped(code, Content.CODE);
            }
        });
        for (Keyset keyset : profile.keysets()) {
            for (String key : keyset.keyNames()) {
                if (lines.want(key)) {
                    requireWrapped(key, keyset.algorithm().isDes() ? Content.DES_KEY : Content.AES_KEY);
                    requireConvention(key, keyset.kcvConvention());
                }
            }
        }
    }

    private boolean isWanted(String code, CodeRule rule) {
        return !(rule instanceof CodeRule.Disabled) && lines.want(code);
    }

    private void requireWrapped(String name, Content content) {
        Column column = columns.get(name);
        if (column == null) {
            throw new IntakeException("there is no column " + name
                    + ", which a recipient of the order is to get or the operator retains");
        }
        VendorBatch.require(
                column.protection() == Protection.WRAPPED
                        && transportKey.equals(column.keyLabel())
                        && column.content() == content,
                "column " + name + " does not hold " + content + " wrapped under '" + transportKey + "'");
        unwrapping(name, column.wrapping());
    }

    private void requireConvention(String key, KcvConvention convention) {
        Column column = columns.get(key + Column.KCV_SUFFIX);
        VendorBatch.require(
                column != null && column.kcvConvention() == convention,
                "there is no column " + key + Column.KCV_SUFFIX + " with check values by " + convention
                        + ", as the profile has them");
    }

    private Mechanism unwrapping(String name, @Nullable Wrapping wrapping) {
        return switch (Objects.requireNonNull(wrapping)) {
            case AES_KWP -> token.aesKeyUnwrapPadded();
            case AES_KW -> token.aesKeyUnwrap();
            default ->
                throw new IntakeException(
                        "column " + name + " is wrapped by " + wrapping + "; Kiln takes AES_KWP or AES_KW");
        };
    }

    /**
     * Takes a card's secrets, and makes its lines.
     *
     * @param subscriber whose keys are taken already, and lie under the storage keys
     * @throws IntakeException naming the line, the column and the rule that is broken
     */
    MadeCard take(LaneSession session, VendorBatch.Card card, Subscriber subscriber) {
        CardLines made = lines.begin();
        made.numbers(card.numbers());
        authentication(session, made, subscriber);
        Taking taking = new Taking(session, card, made);
        profile.codesInOrder().forEach((code, rule) -> {
            if (isWanted(code, rule)) {
                taking.code(code);
            } else if (rule instanceof CodeRule.Disabled) {
                made.disabled(code);
            }
        });
        for (Keyset keyset : profile.keysets()) {
            made.counter(keyset);
            made.pskIdentity(keyset, card.numbers());
            keyset.keyNames().stream().filter(lines::want).forEach(key -> taking.key(keyset, key));
        }
        return made.card(card.position(), card.numbers());
    }

    private void authentication(LaneSession session, CardLines made, Subscriber subscriber) {
        made.authentication();
        if (lines.want(CardColumns.KI)) {
            storage.show(session, subscriber.ki(), ki -> made.secret(session, CardColumns.KI, ki));
            made.checkValue(CardColumns.KI, storage.checkValueOf(session, subscriber.ki()));
        }
        String opc = CardColumns.nameOfOpc(subscriber.algorithm());
        if (lines.want(opc) && !subscriber.opc().equals(WrappedKey.NONE)) {
            storage.show(session, subscriber.opc(), object -> made.secret(session, opc, object));
        }
    }

    /** One card being taken. */
    private final class Taking {

        private final Session session;
        private final VendorBatch.Card card;
        private final CardLines made;

        Taking(Session session, VendorBatch.Card card, CardLines made) {
            this.session = session;
            this.card = card;
            this.made = made;
        }

        void code(String name) {
            byte[] blob = blob(name);
            require(blob.length == CODE_BLOB, name, "a code has " + CodeRule.OCTETS + " octets, padded with FF");
            long code = unwrap(
                    name,
                    blob,
                    KeyLabels.opcOf(transportKey),
                    lines.wantInTheClear(name) ? policy.arrivingUnboundCode() : policy.arrivingCode());
            try {
                require(
                        octetsWhereKnown(code) == CodeRule.OCTETS,
                        name,
                        "what unwraps has not " + CodeRule.OCTETS + " octets");
                made.secret(session, name, code);
            } finally {
                session.destroyObject(code);
            }
        }

        void key(Keyset keyset, String name) {
            int octets = keyset.algorithm().octets();
            byte[] blob = blob(name);
            require(blob.length == octets + WRAP_OVERHEAD, name, "the profile has keys of " + octets + " octets here");
            boolean des = keyset.algorithm().isDes();
            long key = des
                    ? unwrap(
                            name,
                            blob,
                            KeyLabels.opcOf(transportKey),
                            policy.arrivingCardDesKey(keyset.algorithm() == Keyset.KeyAlgorithm.DES3_3KEY))
                    : unwrap(name, blob, transportKey, policy.arrivingSubscriberKey());
            try {
                String checkValue = checkValue(keyset, name, key);
                String given = card.record().value(name + Column.KCV_SUFFIX);
                require(
                        checkValue.equals(given),
                        name + Column.KCV_SUFFIX,
                        "the key has the check value " + checkValue + ", not " + given);
                made.secret(session, name, key);
                made.checkValue(name, checkValue);
            } finally {
                session.destroyObject(key);
            }
        }

        private byte[] blob(String name) {
            return HEX.parseHex(card.record().value(name));
        }

        private long unwrap(String name, byte[] blob, String label, Template template) {
            Mechanism mechanism =
                    unwrapping(name, Objects.requireNonNull(columns.get(name)).wrapping());
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment in = arena.allocateFrom(ValueLayout.JAVA_BYTE, blob);
                return session.unwrapKey(mechanism, ring.secretKey(session, label), in, blob.length, template);
            } catch (KeyException e) {
                throw refusal(
                        name,
                        "the token has no key '" + label + "', under which it would come; import the transport key"
                                + " again, both objects of it");
            } catch (Pkcs11Exception e) {
                throw refusedUnlessTheTokens(
                        e,
                        name,
                        "does not unwrap under transport key '" + transportKey
                                + "': another key or another wrapping was used, or the value is damaged");
            }
        }

        /** Computed in the token, which refuses where what unwrapped is no such key. */
        private String checkValue(Keyset keyset, String name, long key) {
            try {
                if (keyset.algorithm().isDes()) {
                    return CheckValues.ofArrivedDes(session, key);
                }
                String zeroBlock = CheckValues.ofArrived(session, key);
                return switch (keyset.kcvConvention()) {
                    case ZERO_BLOCK -> zeroBlock;
                    case GLOBALPLATFORM_AES -> CheckValues.globalPlatform(session, key);
                    case CMAC -> CheckValues.cmacByEncryption(session, key);
                };
            } catch (Pkcs11Exception e) {
                throw refusedUnlessTheTokens(e, name, "what unwraps is no key of " + keyset.algorithm());
            }
        }

        /** A token need not know how long a secret is that it unwrapped (SoftHSM does not); the blob's length limits it. */
        private long octetsWhereKnown(long code) {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment length = arena.allocate(ValueLayout.JAVA_LONG);
                session.getAttribute(code, Cka.VALUE_LEN, length);
                long octets = length.get(ValueLayout.JAVA_LONG, 0);
                return octets == 0 ? CodeRule.OCTETS : octets;
            }
        }

        private RuntimeException refusedUnlessTheTokens(Pkcs11Exception failure, String name, String rule) {
            boolean values = failure.ckr().kind() == Ckr.Kind.REQUEST
                    || List.of(Ckr.GENERAL_ERROR, Ckr.FUNCTION_FAILED).contains(failure.ckr());
            return values ? refusal(name, rule) : failure;
        }

        private void require(boolean holds, String column, String rule) {
            if (!holds) {
                throw refusal(column, rule);
            }
        }

        private IntakeException refusal(String column, String rule) {
            return new IntakeException("line " + card.record().line() + ", column " + column + ": " + rule);
        }
    }
}
