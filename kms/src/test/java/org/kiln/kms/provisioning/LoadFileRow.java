package org.kiln.kms.provisioning;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.kiln.kms.keys.Partner;
import org.kiln.transfer.numbering.Supi;

/** A row of a load file with every column that Kiln knows, built up in tests. */
public final class LoadFileRow {

    private static final List<String> COLUMNS = List.of(
            "supi",
            "algorithm",
            "transportKey",
            "wrapping",
            "eki",
            "kcv",
            "eopc",
            "eop",
            "op",
            "etopc",
            "etop",
            "amf",
            "sqn",
            "authMethod",
            "status",
            "sqnScheme");

    private final Map<String, String> values = new LinkedHashMap<>();

    public LoadFileRow(Supi supi, String algorithm, byte[] ki) {
        COLUMNS.forEach(column -> values.put(column, ""));
        with("supi", supi.value())
                .with("algorithm", algorithm)
                .with("transportKey", Partner.LABEL)
                .with("wrapping", "aes-kwp")
                .wrapped("eki", ki)
                .with("amf", "8000")
                .with("sqn", "000000000020");
    }

    public LoadFileRow with(String column, String value) {
        values.put(column, value);
        return this;
    }

    public LoadFileRow wrapped(String column, byte[] value) {
        return with(column, Partner.kwp(value));
    }

    private String text() {
        return COLUMNS.stream().map(values::get).collect(Collectors.joining(","));
    }

    /** Writes rows into a new file. */
    public static Path write(Path folder, LoadFileRow... rows) throws Exception {
        StringBuilder text = new StringBuilder(String.join(",", COLUMNS)).append('\n');
        for (LoadFileRow row : rows) {
            text.append(row.text()).append('\n');
        }
        return Files.writeString(Files.createTempFile(folder, "load", ".csv"), text);
    }
}
