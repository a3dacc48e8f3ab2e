package org.kiln.transfer.output;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.kiln.transfer.batch.BatchFormatException;
import org.kiln.transfer.batch.Column;
import org.kiln.transfer.batch.LineEnd;
import org.kiln.transfer.batch.Wrapping;

/** What each format looks like, and what it refuses. */
class OutputFormatsTest {

    private static final String KI = "0B1E1E56CD62645AEB4C2D72A7C98F27";
    private static final String OPC = "967AEF31E73740B061F85457BED17D9E";
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private static Map<String, String> row(Wrapping wrapping) {
        Map<String, String> row = Outputs.rows(wrapping, 1, 1).getFirst();
        row.put("ICCID", "8988211000000430010");
        row.put("IMSI", "262010000000091");
        if (!wrapping.authenticates()) {
            row.put("KI", KI);
            row.put("OPC", OPC);
        }
        row.put("KI_KCV", "A0B1C2");
        return row;
    }

    private static String text(OutputFormat format, Wrapping wrapping) throws IOException {
        return new String(
                Outputs.write(format, Outputs.header(wrapping, 1), List.of(row(wrapping))), StandardCharsets.UTF_8);
    }

    @Test
    void vendorTextHasItsSectionsAndNumbersAsTheCardTakesThem() throws IOException {
        Map<String, String> row = row(Wrapping.AES_KWP);

        assertThat(text(Outputs.vendorText(), Wrapping.AES_KWP))
                .isEqualTo("""
                        *HEADER DESCRIPTION
                        Quantity: 1
                        Type: PLUG-IN
                        Profile: gold-sim-2
                        Batch: batch-3
                        Transport_key: K4-7
                        *INPUT VARIABLES
                        var_In:
                        Serial: 988812010000400310F0
                        IMSI: 262010000000091
                        *OUTPUT VARIABLES
                        var_Out: ICCID/IMSI/PIN1/eKi/KCV
                        988812010000400310F0 082926100000000019 %s %s A1B2C3
                        """.formatted(row.get("PIN1"), row.get("KI")).replace("\n", "\r\n"));
    }

    @Test
    void hlrLoadHasEkiWithIndexAlgorithmAndCheckValues() throws IOException {
        assertThat(text(Outputs.hlrLoad(), Wrapping.AES_ECB)).isEqualTo("""
                # order order-17
                # K4 check value A1B2C3
                IMSI;MSISDN;EKI;EOPC;ALG;K4IND;KCV
                262010000000091;49170000000000;%s;%s;4;7;A0B1C2
                """.formatted(KI, OPC));
    }

    @Test
    void pySimCsvHasItsNamesAndNoCodes() throws IOException {
        assertThat(text(Outputs.pySim(), Wrapping.AES_CBC_IV_23).lines())
                .startsWith("ICCID,IMSI,MSISDN,KI,OPC,SCP03_ENC_ISDR")
                .element(1)
                .asString()
                .startsWith("8988211000000430010,262010000000091,49170000000000," + KI + "," + OPC + ",");
    }

    @Test
    void kilnJsonHasOneObjectALine() throws IOException {
        JsonNode object = JSON.readTree(text(new KilnJson(), Wrapping.AES_KWP));

        assertThat(object.path("ICCID").asText()).isEqualTo("8988211000000430010");
        assertThat(object.path("PIN1").asText()).isEqualTo(row(Wrapping.AES_KWP).get("PIN1"));
    }

    @Test
    void subscriptionsAreThoseOfTs29505() throws IOException {
        Map<String, String> row = row(Wrapping.AES_KW);

        assertThat(JSON.readTree(text(Outputs.subscriptions(), Wrapping.AES_KW)))
                .isEqualTo(JSON.readTree("""
                {"ueId": "imsi-262010000000091",
                 "authenticationSubscription": {
                  "authenticationMethod": "5G_AKA",
                  "encPermanentKey": "%s",
                  "encOpcKey": "%s",
                  "protectionParameterId": "K4-7:aes-kw",
                  "algorithmId": "milenage",
                  "authenticationManagementField": "8000",
                  "sequenceNumber": {"sqnScheme": "NON_TIME_BASED", "sqn": "000000000020", "indLength": 5}}}
                """.formatted(row.get("KI"), row.get("OPC"))));
    }

    @Test
    void pySimGetsCodesInClearWhenAskedInWordsOnly() throws IOException {
        List<Column> columns =
                new ArrayList<>(Outputs.header(Wrapping.AES_CBC_IV_23, 1).columns());
        PySimCsv clear = new PySimCsv(Map.of(), PySimCsv.Codes.CLEAR, true);

        assertThatThrownBy(() -> clear.columns(columns))
                .hasMessageContaining("column PIN1 is wrapped")
                .hasMessageContaining("leave codes out");
        columns.removeLast();
        columns.add(Column.clear("PIN1"));
        assertThat(Outputs.pySim().columns(columns))
                .noneMatch(column -> column.name().equals("PIN1"));
        OutputHeader header =
                new OutputHeader(Outputs.header(Wrapping.AES_CBC_IV_23, 1).batch(), 1, columns);
        Map<String, String> row = row(Wrapping.AES_CBC_IV_23);
        row.put("PIN1", "1234");
        assertThat(new String(Outputs.write(clear, header, List.of(row)), StandardCharsets.UTF_8))
                .contains(",PIN1\n")
                .endsWith(",1234\n");
    }

    @Test
    void eachFormatSaysWhichColumnItCannotHold() {
        List<Column> kwp = Outputs.header(Wrapping.AES_KWP, 1).columns();
        List<Column> ecb = Outputs.header(Wrapping.AES_ECB, 1).columns();

        assertThatThrownBy(() -> Outputs.pySim().columns(kwp))
                .hasMessage("column KI is wrapped by AES_KWP; pySim reads AES_CBC_IV_23 only");
        assertThatThrownBy(() -> Outputs.pySim().columns(List.of(Column.clear("IMSI"))))
                .hasMessageContaining("ICCID or EID");
        assertThatThrownBy(() -> Outputs.subscriptions().columns(ecb))
                .hasMessageContaining("column KI is not wrapped by");
        assertThatThrownBy(() -> Outputs.subscriptions().columns(List.of(Column.clear("IMSI"))))
                .hasMessageContaining("column KI");
        assertThatThrownBy(() -> Outputs.hlrLoad().columns(List.of(Column.clear("IMSI"))))
                .hasMessageContaining("the template wants column MSISDN");
    }

    @ParameterizedTest
    @CsvSource({
        "*HEADER,*HEADERS,1,order; template",
        "Quantity: 1,Quantity: 2,2,order; template",
        "Batch: batch-3,Batch: batch-4,5,order; template",
        "Serial: 98,Serial: 89,9,order; template",
        "PIN1/eKi,eKi/PIN1,12,order; template",
        "988812010000400310F0 08,988812010000400310F0 18,13,wrong length or parity",
        "310F0 08,310f0 08,13,nibbles swapped",
        " A1B2C3, A1B2C4,13,every row",
        "' A1B2C3','',13,4 values; not 5"
    })
    void faultsOfVendorTextAreNamed(String part, String replaced, long line, String rule) throws IOException {
        String file = text(Outputs.vendorText(), Wrapping.AES_KWP);
        String bad = file.replace(part, replaced == null ? "" : replaced);

        assertThat(bad).isNotEqualTo(file);
        assertThatThrownBy(() -> Outputs.read(
                        Outputs.vendorText(),
                        Outputs.header(Wrapping.AES_KWP, 1),
                        bad.getBytes(StandardCharsets.UTF_8)))
                .isInstanceOfSatisfying(BatchFormatException.class, fault -> {
                    assertThat(fault.line()).hasValue(line);
                    assertThat(fault).hasMessageContaining(rule.replace(";", ","));
                });
    }

    @ParameterizedTest
    @CsvSource({
        "imsi-,nai-,column IMSI",
        "milenage,tuak,other members",
        "K4-7,K4-8,other members",
        "encOpcKey,encTopcKey,column OPC",
        "},}},wrong syntax",
        "8000,'8000\",\"x\":\"1',other members"
    })
    void faultsOfSubscriptionsAreNamed(String part, String replaced, String rule) throws IOException {
        String bad = text(Outputs.subscriptions(), Wrapping.AES_KW).replace(part, replaced);

        assertThatThrownBy(() -> Outputs.read(
                        Outputs.subscriptions(),
                        Outputs.header(Wrapping.AES_KW, 1),
                        bad.getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(BatchFormatException.class)
                .hasMessageContaining("line 1")
                .hasMessageContaining(rule);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{\"type\":\"other\"}",
                "{\"type\":\"vendor-text\"}",
                "{\"type\":\"ts29505\",\"algorithmId\":\"a b\",\"amf\":\"8000\",\"sequenceNumber\":{\"sqnScheme\":\"GENERAL\",\"sqn\":\"000000000000\",\"indLength\":5}}",
                "{\"type\":\"ts29505\",\"algorithmId\":\"a\",\"amf\":\"8000\",\"sequenceNumber\":{\"sqnScheme\":\"GENERAL\",\"sqn\":\"000000000000\",\"indLength\":29}}",
                "{\"type\":\"hlr-load\",\"header\":[],\"namesRow\":false,\"fields\":[],\"separator\":\"COMMA\",\"lineEnd\":\"LF\"}",
                "{\"type\":\"hlr-load\",\"header\":[],\"namesRow\":false,\"fields\":[{\"name\":\"a b\",\"column\":\"A\"}],\"separator\":\"COMMA\",\"lineEnd\":\"LF\"}",
                "{\"type\":\"hlr-load\",\"header\":[],\"namesRow\":false,\"fields\":[{\"name\":\"a\",\"column\":\"A\",\"coding\":\"SWAPPED\"}],\"separator\":\"COMMA\",\"lineEnd\":\"LF\"}",
                "{\"type\":\"pysim-csv\",\"names\":{\"KI\":\"ki,x\"},\"codes\":\"LEFT_OUT\"}",
                "{\"type\":\"pysim-csv\",\"names\":{},\"codes\":2}",
                "{\"type\":\"pysim-csv\",\"names\":{},\"codes\":\"CLEAR\"}",
                "{\"type\":\"pysim-csv\",\"names\":{},\"codes\":\"CLEAR\",\"anybodyWithTheFileReadsCodes\":false}",
                "{\"type\":\"pysim-csv\",\"names\":{},\"codes\":\"LEFT_OUT\",\"anybodyWithTheFileReadsCodes\":true}",
                "{\"type\":\"kiln-csv\",\"keyBlocks\":{\"protectionKey\":\"k\",\"columns\":[{\"column\":\"KI\"}]}}",
                "{\"type\":\"kiln-csv\",\"keyBlocks\":{\"protectionKey\":\"k\",\"columns\":[{\"column\":\"KI\"}],\"theHostReadsTheseKeys\":false}}",
                "{\"type\":\"kiln-json\",\"keyBlocks\":{\"protectionKey\":\"k\",\"columns\":[],\"theHostReadsTheseKeys\":true}}",
                "{\"type\":\"kiln-json\",\"keyBlocks\":{\"protectionKey\":\"k\",\"columns\":[{\"column\":\"KI\"},{\"column\":\"KI\",\"usage\":\"11\"}],\"theHostReadsTheseKeys\":true}}",
                "{\"type\":\"kiln-json\",\"keyBlocks\":{\"protectionKey\":\"k\",\"columns\":[{\"column\":\"KI\",\"usage\":\"K0\"}],\"theHostReadsTheseKeys\":true}}",
                "{\"type\":\"pysim-csv\",\"names\":{},\"codes\":\"LEFT_OUT\",\"keyBlocks\":{\"protectionKey\":\"k\",\"columns\":[{\"column\":\"KI\"}],\"theHostReadsTheseKeys\":true}}"
            })
    void badTemplatesAreRefused(String json) throws IOException {
        JsonNode tree = JSON.readTree(json);

        assertThatThrownBy(() -> OutputFormats.of(tree))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("output format: ");
    }

    @Test
    void keyBlocksAreReadAsTheyAreWritten() throws IOException {
        KeyBlocks blocks = new KeyBlocks(
                "acme-blocks", List.of(new KeyBlocks.Of("KI", null), new KeyBlocks.Of("TOPC", "42")), true);
        for (OutputFormat format : List.of(new KilnCsv(blocks), new KilnJson(blocks))) {
            assertThat(OutputFormats.of(
                            JSON.readTree(OutputFormats.toJson(format).toString())))
                    .isEqualTo(format);
            assertThat(OutputFormats.of(OutputFormats.toJson(format)).keyBlocks())
                    .isEqualTo(blocks);
        }
        assertThat(blocks.usageOf("KI")).contains("10");
        assertThat(blocks.usageOf("TOPC")).contains("42");
        assertThat(blocks.usageOf("KIC1")).isEmpty();
        assertThat(OutputFormats.toJson(new KilnJson()).has("keyBlocks")).isFalse();
    }

    @Test
    void aValueMayNotHoldTheSeparator() {
        HlrLoad format = new HlrLoad(
                List.of(), false, List.of(Field.Value.of("IMSI"), Field.Value.of("NOTE")), Separator.SPACE, LineEnd.LF);
        OutputHeader header = new OutputHeader(
                Outputs.header(Wrapping.AES_KWP, 1).batch(), 1, List.of(Column.clear("IMSI"), Column.clear("NOTE")));

        for (String note : List.of("a b", "")) {
            assertThatThrownBy(() ->
                            Outputs.write(format, header, List.of(Map.of("IMSI", "262010000000091", "NOTE", note))))
                    .isInstanceOf(BatchFormatException.class)
                    .hasMessageContaining("line 1, column NOTE")
                    .hasMessageContaining("separator");
        }
    }
}
