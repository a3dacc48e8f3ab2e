package org.kiln.transfer.openpgp;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import org.bouncycastle.bcpg.PublicKeyEncSessionPacket;
import org.bouncycastle.bcpg.SymmetricKeyAlgorithmTags;
import org.bouncycastle.openpgp.PGPEncryptedDataGenerator;
import org.bouncycastle.openpgp.PGPException;
import org.bouncycastle.openpgp.operator.jcajce.JcePGPDataEncryptorBuilder;
import org.bouncycastle.openpgp.operator.jcajce.JcePublicKeyKeyEncryptionMethodGenerator;

/** The signed part of a message, and any octets encrypted properly. */
final class Inside {

    private Inside() {}

    static byte[] of(byte[] message, PgpIdentity recipient) throws IOException {
        Packets packets = new Packets(new ByteArrayInputStream(message));
        PublicKeyEncSessionPacket key =
                (PublicKeyEncSessionPacket) packets.small(packets.next()).readPacket();
        packets.next();
        packets.body().read();
        return new Protected(
                        packets.body(), SessionKey.recover(key, recipient.decryptionKey(key.getKeyID()), recipient))
                .readAllBytes();
    }

    static byte[] encrypted(byte[] plain, PgpCertificate recipient) throws IOException {
        try {
            PGPEncryptedDataGenerator generator =
                    new PGPEncryptedDataGenerator(new JcePGPDataEncryptorBuilder(SymmetricKeyAlgorithmTags.AES_256)
                            .setWithIntegrityPacket(true)
                            .setProvider(Pgp.PROVIDER));
            generator.addMethod(
                    new JcePublicKeyKeyEncryptionMethodGenerator(recipient.encryptionKey(Messages.CLOCK.instant()))
                            .setProvider(Pgp.PROVIDER));
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            try (OutputStream encrypted = generator.open(out, plain.length)) {
                encrypted.write(plain);
            }
            return out.toByteArray();
        } catch (PGPException e) {
            throw new AssertionError(e);
        }
    }
}
