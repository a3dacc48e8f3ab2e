package org.kiln.transfer.ota;

import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.HexFormat;
import org.kiln.pkcs11.Ck;
import org.kiln.pkcs11.Cka;
import org.kiln.pkcs11.Session;
import org.kiln.pkcs11.Template;
import org.kiln.token.ScratchToken;

/** A token of its own with published keys in it. */
final class OtaToken implements AutoCloseable {

    final Session session = ScratchToken.create().openAs(Ck.CKU_USER);

    /** @param kicRight what KIc may do here: ENCRYPT or DECRYPT */
    PacketKeys keys(PacketAlgorithm algorithm, int version, String kic, String kid, int checksum, Cka kicRight) {
        Cka kidRight = algorithm == PacketAlgorithm.AES ? Cka.SIGN : Cka.ENCRYPT;
        return new PacketKeys(
                version, algorithm, key(algorithm, kic, kicRight), key(algorithm, kid, kidRight), checksum);
    }

    private long key(PacketAlgorithm algorithm, String hex, Cka right) {
        try (Arena arena = Arena.ofConfined()) {
            return session.createObject(Template.builder()
                    .with(Cka.CLASS, Ck.CKO_SECRET_KEY)
                    .with(
                            Cka.KEY_TYPE,
                            switch (algorithm) {
                                case AES -> Ck.CKK_AES;
                                case DES3_2KEY -> Ck.CKK_DES2;
                                case DES3_3KEY -> Ck.CKK_DES3;
                            })
                    .with(Cka.TOKEN, false)
                    .with(Cka.SENSITIVE, true)
                    .with(
                            Cka.VALUE,
                            arena.allocateFrom(
                                    ValueLayout.JAVA_BYTE, HexFormat.of().parseHex(hex)))
                    .with(Cka.ENCRYPT, right == Cka.ENCRYPT)
                    .with(Cka.DECRYPT, right == Cka.DECRYPT)
                    .with(Cka.SIGN, right == Cka.SIGN)
                    .with(Cka.VERIFY, false)
                    .build());
        }
    }

    @Override
    public void close() {
        session.close();
    }
}
