package org.kiln.kms.keys;

import java.util.List;
import java.util.Optional;
import org.kiln.kms.keys.TransportKeyReceipt.Purpose;
import org.kiln.pkcs11.Ck;
import org.kiln.pkcs11.Session;
import org.kiln.secret.Secret;
import org.kiln.secret.SecretAccess;
import org.kiln.transfer.tr31.OptionalBlock;
import org.kiln.transfer.tr31.ProtectionKey;
import org.kiln.transfer.tr31.TokenProtectionKey;
import org.kiln.transfer.tr31.Tr31;
import org.kiln.transfer.tr31.Tr31Exception;
import org.kiln.transfer.tr31.Tr31Header;

/**
 * Transport keys that leave or come as key blocks of ANSI X9.143 (TR-31), version D. The key block protection key stays in the
 * token and computes CMACs there; the keys of a block and the transport key inside are in native memory of this host for
 * one block, and are wiped. Nothing here reads a key that the token holds: a key that is sent is made for it, of the
 * token's random numbers.
 *
 * <p>A transport key has usage {@code K0}, algorithm {@code A}, and mode {@code D}, since its recipient unwraps with it and
 * does no more; its block is not exportable ({@code N}) and states label ({@code LB}) and check value ({@code KC}).
 */
public final class KeyBlocks {

    private static final String TRANSPORT_USAGE = "K0";
    private static final String PROTECTION_USAGE = "K1";
    private static final String LABEL = "LB";
    private static final String CHECK_VALUE = "KC";
    private static final String BY_CMAC = "01";
    private static final String BY_ZERO_BLOCK = "00";

    private final Ceremony ceremony;

    public KeyBlocks(Ceremony ceremony) {
        this.ceremony = ceremony;
    }

    /** A transport key on its way to its partner, as one line of ASCII. */
    public record Sent(String block, Kcv kcv) {}

    /** A transport key that came in a block. */
    public record Received(Kcv kcv, int octets) {}

    /**
     * Makes a key block protection key of components that custodians brought.
     *
     * @param name of at most 32 letters, digits, dots, dashes and underlines
     * @return its check values
     * @throws KeyException if the name is taken, or a component or the whole does not match its check value
     */
    public Kcv importProtectionKey(String name, List<KeyComponent> components, Optional<String> statedKcv) {
        requireName(name);
        String label = KeyLabels.keyBlock(name);
        try (Secret value = new TransportKeys(ceremony).combined(components, statedKcv)) {
            Kcv kcv = ceremony.checkValues(value);
            ceremony.asUser(session -> {
                Ceremony.requireFree(session, label);
                return session.createObject(KeyPolicy.keyBlockKey(label, value.expose(SecretAccess.granted())));
            });
            return kcv;
        }
    }

    /** Destroys a key block protection key; does nothing if the token holds none. */
    public void destroyProtectionKey(String name) {
        requireName(name);
        ceremony.asUser(session -> {
            KeyRing.find(session, Ck.CKO_SECRET_KEY, KeyLabels.keyBlock(name)).ifPresent(session::destroyObject);
            return name;
        });
    }

    /**
     * Makes an outgoing transport key and puts it into a block.
     *
     * @param octets 16, 24 or 32, and no more than the protection key has
     * @param protectionKey its name
     * @throws KeyException if the token has no such protection key, or the label is taken
     */
    public Sent generateFor(String label, int octets, String protectionKey) {
        TransportKeys.requireUsable(label);
        TransportKeys.requireAesLength(octets);
        try (Secret value = Secret.ofSize(octets)) {
            ceremony.asUser(session -> {
                Ceremony.requireFree(session, label);
                session.generateRandom(value.expose(SecretAccess.granted()));
                return label;
            });
            Kcv kcv = ceremony.checkValues(value);
            Tr31Header header = new Tr31Header(
                    TRANSPORT_USAGE,
                    "A",
                    "D",
                    "00",
                    'N',
                    List.of(new OptionalBlock(LABEL, label), new OptionalBlock(CHECK_VALUE, BY_CMAC + kcv.cmac())));
            String block = ceremony.asUser(session -> wrap(session, protectionKey, header, value));
            ceremony.importTrusted(label, KeyRole.OUTGOING_TRANSPORT, value);
            return new Sent(block, kcv);
        }
    }

    private static String wrap(Session session, String protectionKey, Tr31Header header, Secret value) {
        ProtectionKey kbpk = inToken(session, protectionKey);
        if (value.size() > kbpk.octets()) {
            throw new KeyException(
                    "a key of " + 8 * value.size() + " bits cannot go under the key block protection key '"
                            + protectionKey + "' of " + 8 * kbpk.octets() + "; make a shorter key (--bits)");
        }
        return Tr31.wrap(kbpk, header, value);
    }

    /**
     * Takes an incoming transport key out of a block.
     *
     * @param statedKcv the check value that the partner told besides
     * @throws KeyException if the block is malformed, changed or under another key, holds another kind of key, or its key
     *     has another check value; the label is free then as before
     */
    public Received receive(
            String label, Purpose purpose, String protectionKey, String block, Optional<String> statedKcv) {
        TransportKeys.requireUsable(label);
        try (Tr31.Unwrapped opened =
                ceremony.asUser(session -> unwrap(inToken(session, protectionKey), block.strip()))) {
            requireTransportKey(opened.header(), opened.key().size());
            Kcv kcv = ceremony.checkValues(opened.key());
            requireStated(opened.header(), kcv, statedKcv);
            if (purpose == Purpose.OPC) {
                ceremony.importIncomingOpcKey(purpose.object(label), opened.key());
            } else {
                ceremony.importTrusted(label, KeyRole.INCOMING_TRANSPORT, opened.key());
            }
            return new Received(kcv, Math.toIntExact(opened.key().size()));
        }
    }

    private static Tr31.Unwrapped unwrap(ProtectionKey kbpk, String block) {
        try {
            return Tr31.unwrap(kbpk, block);
        } catch (Tr31Exception e) {
            throw new KeyException(String.valueOf(e.getMessage()), e);
        }
    }

    private static void requireTransportKey(Tr31Header header, long octets) {
        if (header.usage().equals(PROTECTION_USAGE)) {
            throw new KeyException(
                    "the block holds a key block protection key (usage K1), not a transport key (K0): it is"
                            + " brought in components, by 'kiln key-block-key import'");
        }
        if (!header.usage().equals(TRANSPORT_USAGE)) {
            throw new KeyException("the block holds a key of usage " + header.usage()
                    + ", not a key that wraps keys (K0): ask its sender for a transport key");
        }
        if (!header.mode().equals("D") && !header.mode().equals("B")) {
            throw new KeyException("the key in the block must not unwrap: its mode of use is " + header.mode()
                    + ", not D or B; ask its sender for a key of another mode");
        }
        if (!header.algorithm().equals("A")) {
            throw new KeyException("the key in the block is of algorithm " + header.algorithm() + ", not A for AES");
        }
        TransportKeys.requireAesLength(Math.toIntExact(octets));
    }

    private static void requireStated(Tr31Header header, Kcv kcv, Optional<String> told) {
        Optional<String> inBlock = header.blocks().stream()
                .filter(optional -> optional.id().equals(CHECK_VALUE))
                .map(OptionalBlock::data)
                .findFirst();
        boolean agrees = inBlock.map(data -> matches(kcv, data)).orElse(true);
        if (!agrees || told.filter(stated -> !kcv.matches(stated)).isPresent()) {
            throw new KeyException("the key in the block has the check values " + kcv + ", not "
                    + (agrees ? told.orElseThrow() : "those of its own block KC") + ": ask the partner for it again");
        }
    }

    /** Whether a KC block states these check values; at least three octets of one, or it states nothing. */
    private static boolean matches(Kcv kcv, String data) {
        if (data.length() < 2 + 2 * Kcv.ZERO_BLOCK_OCTETS) {
            return false;
        }
        String stated = data.substring(2);
        return switch (data.substring(0, 2)) {
            case BY_CMAC -> kcv.cmac().startsWith(stated);
            case BY_ZERO_BLOCK -> kcv.zeroBlock().startsWith(stated);
            default -> false;
        };
    }

    private static TokenProtectionKey inToken(Session session, String name) {
        requireName(name);
        return TokenProtectionKey.of(
                session,
                KeyRing.find(session, Ck.CKO_SECRET_KEY, KeyLabels.keyBlock(name))
                        .orElseThrow(() -> new KeyException("the token holds no key block protection key '" + name
                                + "'; 'kiln key-block-key import' makes one")));
    }

    private static void requireName(String name) {
        if (!name.matches("[A-Za-z0-9][A-Za-z0-9._-]{0,31}")) {
            throw new KeyException("'" + name + "' cannot name a key block protection key: use 1 to 32 letters, digits,"
                    + " dots, dashes and underlines");
        }
    }
}
