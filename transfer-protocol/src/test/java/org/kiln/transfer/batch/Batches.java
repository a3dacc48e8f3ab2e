package org.kiln.transfer.batch;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.kiln.transfer.Seeds;
import org.kiln.transfer.numbering.Iccid;

/** Batches to test with, made by the writer or, to break rules, by hand. */
public final class Batches {

    public static final KeyReference KEY =
            new KeyReference("acme-2026-ki", KeyReference.Algorithm.AES_256, "A1B2C3", "0102030405");

    public static final List<Column> COLUMNS = List.of(
            Column.clear("ICCID"),
            Column.clear("IMSI"),
            Column.clear("ALGORITHM"),
            Column.wrapped("KI", KEY.label(), "A1B2C3", Wrapping.AES_KWP, Content.AES_KEY),
            Column.kcv("KI", KcvConvention.CMAC),
            Column.wrapped("OPC", KEY.label(), "0102030405", Wrapping.AES_KW, Content.AES_KEY),
            Column.wrapped("ADM1", KEY.label(), "A1B2C3", Wrapping.AES_KWP, Content.CODE),
            Column.wrapped("PIN1", KEY.label(), "A1B2C3", Wrapping.AES_KWP, Content.CODE));

    private Batches() {}

    public static BatchHeader header() {
        return new BatchHeader(
                "order-17",
                "batch-3",
                "Kiln Telecom",
                "ACME Cards",
                Instant.parse("2026-11-24T08:00:00Z"),
                List.of(KEY));
    }

    public static Map<String, String> row(long index, Random random) {
        Map<String, String> row = new LinkedHashMap<>();
        row.put("ICCID", Iccid.withCheckDigit("8949" + padded(index, 14)).digits());
        row.put("IMSI", "00101" + padded(index, 10));
        row.put("ALGORITHM", "MILENAGE");
        row.put("KI", hex(random, 24));
        row.put("KI_KCV", hex(random, 3));
        row.put("OPC", hex(random, 24));
        row.put("ADM1", hex(random, 16));
        row.put("PIN1", hex(random, 16));
        return row;
    }

    public static byte[] file(Path folder, int quantity, long seed) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        BatchWriter.write(out, header(), staged(folder.resolve("staged-" + System.nanoTime()), quantity, seed));
        return out.toByteArray();
    }

    public static StagedRecords staged(Path path, int quantity, long seed) throws IOException {
        Random random = Seeds.random(seed);
        try (RecordsWriter writer = RecordsWriter.create(path, COLUMNS)) {
            for (int i = 0; i < quantity; i++) {
                writer.append(row(i, random));
            }
            return writer.finish();
        }
    }

    public static List<BatchRecord> read(byte[] file) throws IOException {
        List<BatchRecord> records = new ArrayList<>();
        BatchReader.read(new ByteArrayInputStream(file), records::add);
        return records;
    }

    /** A batch file around any records: its manifest promises what is given. */
    static byte[] packed(String csv, long quantity) throws IOException {
        String sha256 = HexFormat.of().formatHex(Sha256.digest().digest(csv.getBytes(StandardCharsets.UTF_8)));
        return zip(
                BatchFile.MANIFEST,
                ManifestJson.write(header().manifest(new StagedRecords(Path.of("none"), COLUMNS, quantity, sha256))),
                BatchFile.RECORDS,
                csv.getBytes(StandardCharsets.UTF_8));
    }

    /** A ZIP of names and octets in turn. */
    static byte[] zip(Object... namesAndOctets) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(out)) {
            for (int i = 0; i < namesAndOctets.length; i += 2) {
                zip.putNextEntry(new ZipEntry((String) namesAndOctets[i]));
                zip.write((byte[]) namesAndOctets[i + 1]);
            }
        }
        return out.toByteArray();
    }

    /** The same, STORED. */
    static byte[] stored(Object... namesAndOctets) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(out)) {
            for (int i = 0; i < namesAndOctets.length; i += 2) {
                byte[] octets = (byte[]) namesAndOctets[i + 1];
                CRC32 crc = new CRC32();
                crc.update(octets);
                ZipEntry entry = new ZipEntry((String) namesAndOctets[i]);
                entry.setMethod(ZipEntry.STORED);
                entry.setSize(octets.length);
                entry.setCrc(crc.getValue());
                zip.putNextEntry(entry);
                zip.write(octets);
            }
        }
        return out.toByteArray();
    }

    static String csv(List<Map<String, String>> rows) {
        StringBuilder csv = new StringBuilder(
                String.join(",", COLUMNS.stream().map(Column::name).toList()) + "\r\n");
        for (Map<String, String> row : rows) {
            csv.append(String.join(",", row.values())).append("\r\n");
        }
        return csv.toString();
    }

    public static String hex(Random random, int octets) {
        byte[] bytes = new byte[octets];
        random.nextBytes(bytes);
        return HexFormat.of().withUpperCase().formatHex(bytes);
    }

    private static String padded(long index, int width) {
        String digits = Long.toString(index);
        return "0".repeat(width - digits.length()) + digits;
    }
}
