package org.kiln.transfer.recipient;

import java.nio.file.Path;
import org.kiln.pkcs11.Cka;
import org.kiln.pkcs11.Template;
import org.kiln.secret.Secret;
import org.kiln.token.ScratchToken;
import org.kiln.transfer.envelope.Identity;
import org.kiln.transfer.envelope.SignerTrust;

/** A vendor with a prepared token of his own. */
final class TestRecipient implements AutoCloseable {

    static final String NAME = "ACME Cards, Inc.";

    final ScratchToken scratch = ScratchToken.create();
    final RecipientToken token = open(scratch);
    final RecipientKeys keys = new RecipientKeys(token);
    final Identity identity;

    TestRecipient() {
        keys.prepare(NAME);
        try (Secret pin = ScratchToken.userPin()) {
            identity = keys.envelopeIdentity(pin);
        }
    }

    static RecipientToken open(ScratchToken scratch) {
        try (Secret pin = ScratchToken.userPin()) {
            return RecipientToken.open(ScratchToken.profile(), module(), scratch.label(), pin);
        }
    }

    static Path module() {
        return ScratchToken.profile().findModule();
    }

    void receiveFrom(TestSender sender, KeyUse use) throws RecipientException {
        new TransportKeyReceiver(token).receive(sender.label, sender.wrapTransportKey(keys.receiverPublicKey()), use);
    }

    BatchOpener opener(TestSender sender, Rewrap rewrap) throws Exception {
        return new BatchOpener(token, identity, SignerTrust.pinned(sender.signer.certificate()), NAME, rewrap);
    }

    BatchOpener opener(TestSender sender) throws Exception {
        return opener(sender, Rewrap.FORBIDDEN);
    }

    int sessionObjects() {
        return token.session()
                .findObjects(Template.builder().with(Cka.TOKEN, false).build())
                .length;
    }

    @Override
    public void close() {
        token.close();
    }
}
