package org.kiln.transfer.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ManifestTest {

    private static final Manifest MANIFEST = Batches.header()
            .manifest(new StagedRecords(Path.of("none"), Batches.COLUMNS, 5, "0123456789abcdef".repeat(4)));

    @Test
    void jsonKeepsEverything() throws IOException {
        assertThat(read(json())).isEqualTo(MANIFEST);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "kiln-batch/1|kiln-batch/3|formatVersion is not kiln-batch/1",
                "\"orderId\" :|\"colour\" : 1, \"orderId\" :|colour",
                "\"orderId\" : \"order-17\"|\"orderId\" : \" \"|orderId is not",
                "\"orderId\" : \"order-17\",||orderId is not",
                "\"orderId\" : \"order-17\"|\"orderId\" : 17|orderId",
                "\"orderId\" :|\"batchId\" : \"x\", \"orderId\" :|batchId",
                "\"quantity\" : 5|\"quantity\" : 0|quantity is not",
                "\"quantity\" : 5|\"quantity\" : 100000001|quantity is not",
                "\"quantity\" : 5|\"quantity\" : 5.5|quantity",
                "\"quantity\" : 5|\"quantity\" : \"5\"|quantity",
                "\"quantity\" : 5|\"quantity\" : null|quantity",
                "\"quantity\" : 5|\"quantity\" : 99999999999999999999|quantity",
                "2026-11-24T08:00:00Z|yesterday|not a time",
                "\"2026-11-24T08:00:00Z\"|1|not a time",
                "0123456789abcdef0123|0123456789ABCDEF0123|sha256 is not",
                "\"WRAPPED\"|\"HIDDEN\"|protection",
                "\"WRAPPED\"|1|protection",
                "\"WRAPPED\"|\"CLEAR\"|is clear and has a key",
                "\"name\" : \"IMSI\"|\"name\" : \"ICCID\"|column ICCID stands twice",
                "\"name\" : \"IMSI\"|\"name\" : \"imsi\"|column name",
                "\"keyKcv\" : \"A1B2C3\"|\"keyKcv\" : \"A1B2C4\"|disagree",
                "\"keyKcv\" : \"A1B2C3\"|\"keyKcv\" : \"a1b2c3\"|keyKcv",
                "\"label\" : \"acme-2026-ki\"|\"label\" : \"other\"|not among the keys",
                "\"kcvConvention\" : \"CMAC\"|\"kcvConvention\" : \"MD5\"|kcvConvention",
                "\"name\" : \"KI_KCV\"|\"name\" : \"PIN1_KCV\"|holds no wrapped keys",
                "\"name\" : \"KI_KCV\"|\"name\" : \"NONE_KCV\"|holds no wrapped keys",
                "\"name\" : \"KI_KCV\"|\"name\" : \"CHECK\"|does not end in _KCV",
                "\"keys\" : [|\"keys\" : [ null,|empty entry",
                "\"columns\" : [|\"columns\" : [ [ [ [ [ [ [ [|columns",
                "{|[|not"
            })
    void faultsAreNamed(String original, String replacement, String fault) {
        String json = json();
        assertThat(json).contains(original);
        String changed = json.replaceFirst(Pattern.quote(original), replacement == null ? "" : replacement);

        assertThatThrownBy(() -> read(changed))
                .isInstanceOf(BatchFormatException.class)
                .hasMessageStartingWith("manifest.json: ")
                .hasMessageContaining(fault);
    }

    @Test
    void textAfterTheEndIsRefused() {
        assertThatThrownBy(() -> read(json() + "{}")).isInstanceOf(BatchFormatException.class);
    }

    @Test
    void emptyAndNullAreRefused() {
        for (String json : List.of("", "null", " ", "{}", "[]", "\"x\"")) {
            assertThatThrownBy(() -> read(json)).as(json).isInstanceOf(BatchFormatException.class);
        }
    }

    @Test
    void sizeIsBounded() {
        String json = json() + " ".repeat(BatchFile.MAX_MANIFEST_OCTETS);

        assertThatThrownBy(() -> read(json)).hasMessageContaining("longer than");
    }

    @Test
    void wrappedColumnsNeedAllTheirParts() {
        assertThatThrownBy(() ->
                        new Column("KI", Protection.WRAPPED, null, "A1B2C3", Wrapping.AES_KW, Content.CODE, null, null))
                .hasMessageContaining("keyLabel");
        assertThatThrownBy(() -> new Column("KI", Protection.WRAPPED, "k", "A1B2C3", null, Content.CODE, null, null))
                .hasMessageContaining("wrapping");
        assertThatThrownBy(() -> new Column("KI", Protection.WRAPPED, "k", "A1B2C3", Wrapping.AES_KW, null, null, null))
                .hasMessageContaining("content");
        assertThatThrownBy(() -> new KeyReference("k", KeyReference.Algorithm.AES_256, null, null))
                .hasMessageContaining("neither");
    }

    private static Manifest read(String json) throws IOException {
        return ManifestJson.read(new ByteArrayInputStream(json.getBytes(StandardCharsets.UTF_8)));
    }

    private static String json() {
        try {
            return new String(ManifestJson.write(MANIFEST), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
