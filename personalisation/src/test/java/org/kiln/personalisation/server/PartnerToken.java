package org.kiln.personalisation.server;

import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.kiln.pkcs11.Session;
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
import org.kiln.transfer.recipient.TransportKeyReceiver;

/** A partner with a token of his own, in this process. */
final class PartnerToken implements AutoCloseable {

    private static final String REVEALED = "-laboratory";

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
