package org.kiln.personalisation.demo;

import java.io.IOException;
import java.io.StringWriter;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.Optional;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.kiln.pkcs11.Ck;
import org.kiln.pkcs11.Cka;
import org.kiln.pkcs11.FfmCryptoki;
import org.kiln.pkcs11.Template;
import org.kiln.secret.Secret;
import org.kiln.token.Pins;
import org.kiln.token.SoftHsm;
import org.kiln.token.TokenProfile;
import org.kiln.transfer.envelope.SignerTrust;
import org.kiln.transfer.keyblock.TransportKeyFile;
import org.kiln.transfer.recipient.BatchAcknowledger;
import org.kiln.transfer.recipient.BatchOpener;
import org.kiln.transfer.recipient.Card;
import org.kiln.transfer.recipient.KeyUse;
import org.kiln.transfer.recipient.LabReveal;
import org.kiln.transfer.recipient.RecipientKeys;
import org.kiln.transfer.recipient.RecipientToken;
import org.kiln.transfer.recipient.TransportKeyReceiver;

/** The card vendor of the demo: his own SoftHSM token in a folder of his own, reached by this process only. */
final class VendorSide implements AutoCloseable {

    /** The vendor's name and the label of his token. */
    static final String NAME = "acme";

    private static final String PIN_VARIABLE = "KILN_RECIPIENT_PIN";

    private final Path folder;
    private final Secret pin;
    private final RecipientToken token;
    private final RecipientKeys keys;

    private VendorSide(Path folder, Secret pin, RecipientToken token) {
        this.folder = folder;
        this.pin = pin;
        this.token = token;
        keys = new RecipientKeys(token);
    }

    /** Opens the vendor's token, making it first if it is missing. */
    static VendorSide open(Path folder) throws IOException {
        TokenProfile profile = TokenProfile.named("softhsm2");
        boolean isNew = !Files.exists(folder.resolve("recipient.pin"));
        if (isNew) {
            SoftHsm.configure(folder);
        }
        SoftHsm.select(folder);
        Path module = profile.findModule();
        if (isNew) {
            createToken(folder, FfmCryptoki.load(module));
        }
        Secret pin = Pins.read(PIN_VARIABLE, folder.resolve("recipient.pin"));
        VendorSide vendor = new VendorSide(folder, pin, RecipientToken.open(profile, module, NAME, pin));
        vendor.keys.prepare(NAME);
        Files.writeString(vendor.publicKeyFile(), pem(vendor.keys.receiverPublicKey()));
        return vendor;
    }

    private static void createToken(Path folder, FfmCryptoki cryptoki) throws IOException {
        byte[] random = new byte[24];
        new SecureRandom().nextBytes(random);
        String text = HexFormat.of().formatHex(random, 0, 12);
        try (Secret soPin =
                        Secret.takeFrom(HexFormat.of().formatHex(random, 12, 24).toCharArray());
                Secret userPin = Secret.takeFrom(text.toCharArray())) {
            SoftHsm.createToken(cryptoki, NAME, soPin, userPin);
        }
        Path file = Files.createFile(
                folder.resolve("recipient.pin"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(file, text + "\n");
    }

    /** The RSA public key, in PEM, under which the operator wraps the transport key. */
    Path publicKeyFile() {
        return folder.resolve("acme-rsa.pem");
    }

    /** The certificate, in PEM, to which the operator seals files. */
    String certificate() throws IOException {
        return pem(keys.envelopeIdentity(pin).certificate());
    }

    boolean holds(String transportKey) {
        return token.session()
                        .findObjects(Template.builder()
                                .with(Cka.CLASS, Ck.CKO_SECRET_KEY)
                                .with(Cka.TOKEN, true)
                                .label(transportKey)
                                .build())
                        .length
                > 0;
    }

    /** Takes the transport key, for a laboratory; returns its check value. */
    String receive(Path file) throws IOException {
        TransportKeyFile key = TransportKeyFile.read(file);
        return new TransportKeyReceiver(token).receive(key, key.label(), KeyUse.LABORATORY);
    }

    BatchOpener opener(X509Certificate signer) throws IOException {
        return new BatchOpener(token, keys.envelopeIdentity(pin), SignerTrust.pinned(signer), NAME);
    }

    /** The vendor's signed answer for a file that he could open. */
    byte[] acknowledge(Path file, X509Certificate signer) throws IOException {
        BatchOpener opener = opener(signer);
        return new BatchAcknowledger(opener, keys.envelopeIdentity(pin), InstantSource.system())
                .answer(file, opener.verify(file))
                .file();
    }

    LabReveal reveal(String transportKey) throws IOException {
        return new LabReveal(token, transportKey);
    }

    /**
     * The card's USIM: Ki stays in this token.
     *
     * @param opc 16 octets, which the card knows too
     */
    Usim usim(Card card, MemorySegment opc) {
        Optional<Long> ki = card.key("KI");
        long handle = ki.orElseThrow(() -> new IllegalStateException("the batch has no column KI"));
        return new Usim(
                (in, length, out) -> token.session().encrypt(token.profile().aesEcb(), handle, in, length, out), opc);
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
        pin.close();
    }
}
