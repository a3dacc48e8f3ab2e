package org.kiln.personalisation.server;

import java.io.IOException;
import java.io.StringWriter;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.security.interfaces.RSAPublicKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.kiln.pkcs11.Ck;
import org.kiln.pkcs11.Cka;
import org.kiln.pkcs11.Session;
import org.kiln.pkcs11.Template;
import org.kiln.secret.Secret;
import org.kiln.token.ScratchToken;
import org.kiln.transfer.envelope.Identity;
import org.kiln.transfer.envelope.SignerTrust;
import org.kiln.transfer.keyblock.TransportKeyFile;
import org.kiln.transfer.recipient.BatchOpener;
import org.kiln.transfer.recipient.KeyUse;
import org.kiln.transfer.recipient.LabReveal;
import org.kiln.transfer.recipient.OtaUse;
import org.kiln.transfer.recipient.RecipientKeys;
import org.kiln.transfer.recipient.RecipientToken;
import org.kiln.transfer.recipient.Rewrap;
import org.kiln.transfer.recipient.TransportKeyReceiver;

/** A partner with a token of his own, in this process. */
final class PartnerToken implements AutoCloseable {

    private static final String REVEALED = "-laboratory";
    private static final byte[] COMMON = "a key of all partners' tokens!!!".getBytes(StandardCharsets.US_ASCII);

    final String name;
    private final RecipientToken token;
    private final RecipientKeys keys;

    PartnerToken(String name) {
        this.name = name;
        ScratchToken scratch = ScratchToken.create();
        try (Secret pin = ScratchToken.userPin()) {
            token = RecipientToken.open(
                    ScratchToken.profile(), ScratchToken.profile().findModule(), scratch.label(), pin);
        }
        keys = new RecipientKeys(token);
        keys.prepare(name);
    }

    Session session() {
        return token.session();
    }

    /** Writes the public key under which a transport key comes, in PEM. */
    Path publicKey(Path folder) throws IOException {
        return Files.writeString(folder.resolve(name + "-rsa.pem"), pem(keys.receiverPublicKey()));
    }

    /** The same key. */
    RSAPublicKey receiver() {
        return (RSAPublicKey) keys.receiverPublicKey();
    }

    /** Takes a transport key for one use. */
    void receive(String label, byte[] wrapped, KeyUse use) throws IOException {
        new TransportKeyReceiver(token).receive(label, wrapped, use);
    }

    /** The certificate, in PEM, to which files are sealed. */
    String certificate() throws IOException {
        return pem(keys.envelopeCertificate());
    }

    /** Takes a transport key: as one that reveals nothing, and once more as one that does, in a laboratory. */
    void receive(Path file) throws IOException {
        TransportKeyFile key = TransportKeyFile.read(file);
        TransportKeyReceiver receiver = new TransportKeyReceiver(token);
        receiver.receive(key, key.label(), KeyUse.PRODUCTION);
        receiver.receive(key, key.label() + REVEALED, KeyUse.LABORATORY);
    }

    /** With what acknowledgements are signed. */
    Identity identity() {
        try (Secret pin = ScratchToken.userPin()) {
            return keys.envelopeIdentity(pin);
        }
    }

    BatchOpener opener(X509Certificate signer, OtaUse use) throws IOException {
        return new BatchOpener(token, identity(), SignerTrust.pinned(signer), name, use);
    }

    BatchOpener opener(X509Certificate signer, Rewrap rewrap) throws IOException {
        return new BatchOpener(token, identity(), SignerTrust.pinned(signer), name, rewrap);
    }

    /** The keys of each card of a file, each wrapped in this token, by AES-KWP, under a key that all partners' tokens have. */
    List<Map<String, String>> rewrapped(X509Certificate signer, Path file) throws IOException {
        long common = commonKey();
        List<Map<String, String>> cards = new ArrayList<>();
        opener(signer, Rewrap.ALLOWED).open(file, card -> {
            Map<String, String> wrapped = new HashMap<>();
            card.keys().forEach((column, key) -> wrapped.put(column, wrapped(common, key)));
            cards.add(wrapped);
        });
        return cards;
    }

    private long commonKey() {
        try (Arena arena = Arena.ofConfined()) {
            return token.session()
                    .createObject(Template.builder()
                            .with(Cka.CLASS, Ck.CKO_SECRET_KEY)
                            .with(Cka.KEY_TYPE, Ck.CKK_AES)
                            .with(Cka.TOKEN, false)
                            .with(Cka.WRAP, true)
                            .with(Cka.VALUE, arena.allocateFrom(ValueLayout.JAVA_BYTE, COMMON))
                            .build());
        }
    }

    private String wrapped(long common, long key) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(64);
            int length = token.session().wrapKey(ScratchToken.profile().aesKeyWrapPadded(), common, key, out);
            return HexFormat.of().formatHex(out.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE));
        }
    }

    /** What {@link #rewrapped} has for a value. */
    static String underTheCommonKey(byte[] value) throws GeneralSecurityException {
        Cipher kwp = Cipher.getInstance("AES/KWP/NoPadding");
        kwp.init(Cipher.WRAP_MODE, new SecretKeySpec(COMMON, "AES"));
        return HexFormat.of().formatHex(kwp.wrap(new SecretKeySpec(value, "AES")));
    }

    LabReveal reveal(String transportKey) throws IOException {
        return new LabReveal(token, transportKey + REVEALED);
    }

    private static String pem(Object object) throws IOException {
        StringWriter text = new StringWriter();
        try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
            writer.writeObject(object);
        }
        return text.toString();
    }

    @Override
    public void close() {
        token.close();
    }
}
