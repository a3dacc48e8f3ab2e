package org.kiln.transfer.recipient;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.kiln.pkcs11.Ck;
import org.kiln.pkcs11.Session;
import org.kiln.transfer.batch.BatchHandler;
import org.kiln.transfer.batch.BatchRecord;
import org.kiln.transfer.batch.Column;
import org.kiln.transfer.batch.KcvConvention;
import org.kiln.transfer.batch.KeyReference;
import org.kiln.transfer.batch.Manifest;
import org.kiln.transfer.batch.Protection;

/** One pass over a batch that unwraps each card's values and hands them on. */
final class BatchOpening implements BatchHandler {

    private final RecipientToken token;
    private final Session session;
    private final Rewrap rewrap;
    private final OtaUse otaUse;
    private final BatchOpener.CardConsumer consumer;
    private final List<ArrivingColumn> columns = new ArrayList<>();
    private long cards;
    private long keys;
    private long checkValues;

    BatchOpening(RecipientToken token, Rewrap rewrap, OtaUse otaUse, BatchOpener.CardConsumer consumer) {
        this.token = token;
        session = token.session();
        this.rewrap = rewrap;
        this.otaUse = otaUse;
        this.consumer = consumer;
    }

    BatchOpener.Opened outcome() {
        return new BatchOpener.Opened(cards, keys, checkValues);
    }

    @Override
    public void manifest(Manifest manifest) throws IOException {
        Map<String, KeyReference> references =
                manifest.keys().stream().collect(Collectors.toMap(KeyReference::label, key -> key));
        Map<String, KcvConvention> conventions = new HashMap<>();
        for (Column column : manifest.columns()) {
            if (column.kcvConvention() != null) {
                conventions.put(column.name(), column.kcvConvention());
            }
        }
        Map<String, Long> transportKeys = new HashMap<>();
        for (Column column : manifest.columns()) {
            String label = column.keyLabel();
            if (label != null) {
                Long key = transportKeys.get(label);
                if (key == null) {
                    key = transportKey(Objects.requireNonNull(references.get(label)));
                    transportKeys.put(label, key);
                }
                ArrivingColumn.Known known = new ArrivingColumn.Known(
                        column, conventions.get(column.name() + Column.KCV_SUFFIX), rewrap, otaUse);
                columns.add(
                        column.protection() == Protection.KEY_BLOCK
                                ? KeyBlockColumn.of(
                                        known,
                                        key,
                                        Objects.requireNonNull(references.get(label))
                                                .algorithm()
                                                .octets(),
                                        token)
                                : WrappedColumn.of(known, key, token));
            }
        }
    }

    private long transportKey(KeyReference stated) throws RecipientException {
        long key = token.find(Ck.CKO_SECRET_KEY, stated.label())
                .orElseThrow(() -> new RecipientException.UnknownTransportKey(stated.label()));
        CheckValues.Difference difference =
                CheckValues.keptWith(session, key).differenceTo(stated).orElse(null);
        if (difference != null) {
            throw new RecipientException.WrongTransportKey(stated.label(), difference.stated(), difference.held());
        }
        return key;
    }

    @Override
    public void card(BatchRecord line) throws IOException {
        Card card = new Card(session, line);
        boolean handedOver = false;
        try {
            for (ArrivingColumn column : columns) {
                long key = column.bring(session, line);
                card.put(column.known().name(), key);
                keys++;
                if (column.check(session, line, key)) {
                    checkValues++;
                }
            }
            consumer.card(card);
            handedOver = card.kept();
        } finally {
            if (!handedOver) {
                card.close();
            }
        }
        cards++;
    }
}
