package org.kiln.transfer.recipient;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.kiln.pkcs11.Ck;
import org.kiln.pkcs11.Cka;
import org.kiln.pkcs11.Mechanism;
import org.kiln.pkcs11.Session;
import org.kiln.transfer.batch.BatchHeader;
import org.kiln.transfer.batch.BatchWriter;
import org.kiln.transfer.batch.Column;
import org.kiln.transfer.batch.Content;
import org.kiln.transfer.batch.KeyReference;
import org.kiln.transfer.batch.Manifest;
import org.kiln.transfer.batch.OwnerOnlyFile;
import org.kiln.transfer.batch.RecordsWriter;
import org.kiln.transfer.batch.StagedRecords;
import org.kiln.transfer.batch.Wrapping;

/**
 * Wraps a batch's values again by AES-KWP under a key of the recipient's own, for example for a personalisation machine with
 * a token of its own. The outcome is a Kiln batch file that is neither signed nor encrypted. Values never reach the
 * host, but for those that came in key blocks, on their way into the token.
 */
public final class BatchRewrapper {

    private static final int LONGEST = 1024;
    private static final int CODE_WRAPPED = 16;
    private static final HexFormat HEX = HexFormat.of().withUpperCase();

    private final RecipientToken token;
    private final long key;
    private final KeyReference reference;
    private final Mechanism mechanism;

    /**
     * @param keyLabel an AES key of the token with the right WRAP and a known check value
     * @throws RecipientException.UnknownTransportKey if the token holds none
     */
    public BatchRewrapper(RecipientToken token, String keyLabel) throws RecipientException {
        this.token = token;
        key = token.find(Ck.CKO_SECRET_KEY, keyLabel)
                .orElseThrow(() -> new RecipientException.UnknownTransportKey(keyLabel));
        CheckValues known = CheckValues.keptWith(token.session(), key);
        if (known.zeroBlock().isEmpty()) {
            throw new RecipientException.NoCheckValue(keyLabel);
        }
        int octets = (int) number(key, Cka.VALUE_LEN);
        reference = new KeyReference(
                keyLabel, KeyReference.Algorithm.valueOf("AES_" + 8 * octets), known.zeroBlock(), null);
        mechanism = token.profile().aesKeyWrapPadded();
    }

    /**
     * Rewraps a checked batch.
     *
     * @param opener one that was made with {@link Rewrap#ALLOWED}
     * @param out a file that does not exist yet; it is there only if all went well
     * @throws RecipientException.NotRewrappable if a value has a length that the token cannot wrap faithfully
     */
    public BatchOpener.Opened rewrap(BatchOpener opener, Path file, BatchOpener.CheckedBatch checked, Path out)
            throws IOException {
        Path staged = out.resolveSibling(out.getFileName() + ".part");
        Manifest manifest = checked.manifest();
        boolean done = false;
        try (RecordsWriter records = RecordsWriter.create(staged, columns(manifest.columns()));
                OutputStream batch = OwnerOnlyFile.create(out)) {
            BatchOpener.Opened opened =
                    opener.open(file, checked, card -> records.append(row(manifest.columns(), card)));
            StagedRecords finished = records.finish();
            BatchWriter.write(batch, header(manifest), finished);
            done = true;
            return opened;
        } finally {
            Files.deleteIfExists(staged);
            if (!done) {
                Files.deleteIfExists(out);
            }
        }
    }

    private BatchHeader header(Manifest manifest) {
        return new BatchHeader(
                manifest.orderId(),
                manifest.batchId(),
                manifest.recipient(),
                manifest.recipient(),
                InstantSource.system().instant(),
                List.of(reference),
                manifest.profile());
    }

    private List<Column> columns(List<Column> columns) {
        List<Column> rewrapped = new ArrayList<>();
        for (Column column : columns) {
            Content content = column.content();
            rewrapped.add(
                    content == null
                            ? column
                            : Column.wrapped(
                                    column.name(),
                                    reference.label(),
                                    String.valueOf(reference.kcvZero()),
                                    Wrapping.AES_KWP,
                                    content));
        }
        return rewrapped;
    }

    private Map<String, String> row(List<Column> columns, Card card) throws RecipientException {
        Map<String, String> row = new LinkedHashMap<>();
        for (Column column : columns) {
            String name = column.name();
            row.put(
                    name,
                    column.content() != null
                            ? wrapped(card, column)
                            : card.value(name).orElseThrow());
        }
        return row;
    }

    /**
     * SoftHSM fills a value up with zeros before it wraps it, and does not tell how long a value is that is no key. So only
     * keys are taken, and codes of one group of 8 octets, as cards take them.
     */
    private String wrapped(Card card, Column of) throws RecipientException {
        Session session = token.session();
        String column = of.name();
        long value = card.key(column).orElseThrow();
        boolean taken = switch (Objects.requireNonNull(of.content())) {
            case DES_KEY -> true;
            case AES_KEY -> wholeGroups(value);
            case CODE -> card.value(column).orElse("").length() == 2 * CODE_WRAPPED && wholeGroups(value);
            case TEXT -> false;
        };
        if (!taken) {
            throw new RecipientException.NotRewrappable(card.line(), column);
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(LONGEST);
            int length = session.wrapKey(mechanism, key, value, out);
            return HEX.formatHex(out.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE));
        }
    }

    private boolean wholeGroups(long value) {
        return number(value, Cka.VALUE_LEN) % Long.BYTES == 0;
    }

    private long number(long object, Cka attribute) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(ValueLayout.JAVA_LONG);
            token.session().getAttribute(object, attribute, out);
            return out.get(ValueLayout.JAVA_LONG, 0);
        }
    }
}
