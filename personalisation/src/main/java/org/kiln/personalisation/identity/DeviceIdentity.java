package org.kiln.personalisation.identity;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.kiln.personalisation.document.Documents;

/**
 * A credential of a device, and how far it has come.
 *
 * @param deadline by when the device must confirm or, once it has and changes operators, authenticate; null for no such day
 * @param packageSha256 of what is handed out, in hexadecimal; empty before it is made
 */
public record DeviceIdentity(
        String id,
        Issue issue,
        IdentityState state,
        @Nullable Instant deadline,
        String packageSha256,
        Instant changed) {

    /** Whether a partner's caller may see it. */
    public boolean isOfBroker(@Nullable String partner) {
        return partner != null && partner.equals(issue.broker());
    }

    /** The octets that the row's code is computed over: every field, each with its length. */
    byte[] authenticated() {
        ByteArrayOutputStream octets = new ByteArrayOutputStream(2048);
        try (DataOutputStream out = new DataOutputStream(octets)) {
            byte[] body = Documents.writeJson(issue).getBytes(StandardCharsets.UTF_8);
            out.writeUTF("identity/1");
            out.writeUTF(id);
            out.writeInt(body.length);
            out.write(body);
            out.writeUTF(state.name());
            out.writeUTF(Objects.toString(deadline, ""));
            out.writeUTF(packageSha256);
            out.writeUTF(changed.toString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return octets.toByteArray();
    }
}
