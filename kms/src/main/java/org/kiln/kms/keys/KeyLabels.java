package org.kiln.kms.keys;

/** The labels of Kiln's own keys in a token. Transport keys bear the labels that their partners agreed. */
public final class KeyLabels {

    /** Master of record integrity: SIGN only. */
    public static final String RECORD_MASTER = "record-master";
    /** Signs manifests, records of ceremonies and, until its key is changed, the audit log. */
    public static final String SIGNING = "signing";
    /** The TLS server's key. */
    public static final String TLS_SERVER = "tls-server";

    /** Files for the operator are encrypted to it: batches that a vendor made. Agrees on secrets, which the host reads. */
    public static final String ENVELOPE = "envelope";

    private static final String STORAGE = "SK-";
    private static final String HOST_STORAGE = "SKH-";
    private static final String OPC_KEY = "SKO-";
    private static final String OPC_SUFFIX = "/opc";
    private static final String OP_PREFIX = "op/";
    private static final String TOP_SUFFIX = ".top";
    private static final String HOME_NETWORK_PREFIX = "suci/";

    private static final String KEY_BLOCK_PREFIX = "kbpk/";

    private static final String AUDIT_PREFIX = "audit/";
    private static final String LABORATORY_PREFIX = "laboratory/";

    private KeyLabels() {}

    /** The key that signs the audit log after so many changes: at first {@link #SIGNING}, later one of its own. */
    public static String audit(long number) {
        return number == 0 ? SIGNING : AUDIT_PREFIX + number;
    }

    /** Storage key {@code SK-n}: wraps what never leaves the token in the clear. */
    public static String storage(int version) {
        return STORAGE + version;
    }

    /** Host storage key {@code SKH-n}: wraps what the host may read. */
    public static String hostStorage(int version) {
        return HOST_STORAGE + version;
    }

    /** OPc key {@code SKO-n}: encrypts OPc and TOPc. No token object, but wrapped under {@code SKH-n}. */
    public static String opcKey(int version) {
        return OPC_KEY + version;
    }

    /** The unlocked copy of a storage key in a laboratory's token. */
    static String unlocked(String storageKey) {
        return LABORATORY_PREFIX + storageKey;
    }

    static boolean isOpcKey(String label) {
        return label.startsWith(OPC_KEY);
    }

    /** @throws KeyException if the label is not that of an OPc key */
    static int opcKeyVersion(String label) {
        return version(OPC_KEY, label, "an OPc key");
    }

    /** The second object of an incoming transport key, under which OPc may be read by the host. */
    public static String opcOf(String transportKey) {
        return transportKey + OPC_SUFFIX;
    }

    /** An operator's OP constant. */
    public static String op(String operator) {
        return OP_PREFIX + operator;
    }

    /** An operator's TOP constant. */
    public static String top(String operator) {
        return OP_PREFIX + operator + TOP_SUFFIX;
    }

    /** A home-network private key, by its identifier. */
    static String homeNetwork(int identifier) {
        return HOME_NETWORK_PREFIX + identifier;
    }

    /** A key block protection key (ANSI X9.143), by the name that both sides agreed. */
    public static String keyBlock(String name) {
        return KEY_BLOCK_PREFIX + name;
    }

    /** The key that protects the key blocks of card files, by the label that the register has. No name above holds a slash. */
    static String cardKeyBlock(String transportKey) {
        return KEY_BLOCK_PREFIX + "cards/" + transportKey;
    }

    static boolean isKeyBlock(String label) {
        return label.startsWith(KEY_BLOCK_PREFIX);
    }

    /** Whether the host is meant to read what the key of this label agrees on. */
    static boolean isAgreeing(String label) {
        return isHomeNetwork(label) || label.equals(ENVELOPE);
    }

    static boolean isHomeNetwork(String label) {
        return label.startsWith(HOME_NETWORK_PREFIX);
    }

    /** Whether the store cannot be read without the key of this label. */
    static boolean isOfTheStore(String label) {
        return label.startsWith(STORAGE) || label.startsWith(HOST_STORAGE) || label.equals(RECORD_MASTER);
    }

    /** @throws KeyException if the label is not that of a storage key */
    static int storageVersion(String label) {
        return version(STORAGE, label, "a storage key");
    }

    private static int version(String prefix, String label, String what) {
        String number = label.startsWith(prefix) ? label.substring(prefix.length()) : "";
        if (!number.matches("[1-9][0-9]{0,8}")) {
            throw new KeyException("'" + label + "' is not the label of " + what);
        }
        return Integer.parseInt(number);
    }

    static boolean isStorage(String label) {
        return label.startsWith(STORAGE);
    }

    /** Whether what lies under the key of this label may be read by the host. */
    public static boolean isHostStorage(String label) {
        return label.startsWith(HOST_STORAGE);
    }

    static boolean isIncomingOpc(String label) {
        return label.endsWith(OPC_SUFFIX);
    }

    static boolean isOp(String label) {
        return label.startsWith(OP_PREFIX);
    }

    /** Whether a label is one that Kiln gives itself, and so not free for a transport key. */
    static boolean reserved(String label) {
        return label.startsWith(STORAGE)
                || label.startsWith(HOST_STORAGE)
                || label.startsWith(OPC_KEY)
                || label.startsWith(OP_PREFIX)
                || label.startsWith(HOME_NETWORK_PREFIX)
                || label.startsWith(KEY_BLOCK_PREFIX)
                || label.startsWith(AUDIT_PREFIX)
                || label.startsWith(LABORATORY_PREFIX)
                || label.startsWith(Ceremony.DRAFT_PREFIX)
                || label.startsWith("receiving/")
                || label.endsWith(OPC_SUFFIX)
                || label.equals(RECORD_MASTER)
                || label.equals(SIGNING)
                || label.equals(ENVELOPE)
                || label.equals(TLS_SERVER);
    }
}
