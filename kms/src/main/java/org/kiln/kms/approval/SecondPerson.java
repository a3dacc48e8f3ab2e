package org.kiln.kms.approval;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;
import org.kiln.kms.keys.RecordMac;

/**
 * What other rooms' rows that wait for a second person have of an approval: a time limit, and a code over what he relies on, under a
 * key that only the token gives.
 */
public final class SecondPerson {

    private final RecordMac mac;
    private final Duration validity;

    /** @param validity how long something may wait for him */
    public SecondPerson(RecordMac mac, Duration validity) {
        this.mac = mac;
        this.validity = validity;
    }

    /** What is not approved by then is not approved. */
    public Instant deadline(Instant asked) {
        return asked.plus(validity);
    }

    /**
     * The code of a row.
     *
     * @param fields what kind of row it is, then its fields; null for none
     */
    public String code(@Nullable String... fields) {
        ByteArrayOutputStream octets = new ByteArrayOutputStream(1024);
        try (DataOutputStream out = new DataOutputStream(octets)) {
            for (String field : fields) {
                byte[] text = field == null ? new byte[0] : field.getBytes(StandardCharsets.UTF_8);
                out.writeInt(field == null ? -1 : text.length);
                out.write(text);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return HexFormat.of().formatHex(mac.compute(octets.toByteArray()));
    }
}
