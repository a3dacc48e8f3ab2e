package org.kiln.certify;

import org.kiln.pkcs11.Cka;
import org.kiln.pkcs11.Mechanism;
import org.kiln.pkcs11.Template;

/** The key {@link OperationCases#PLAIN} wrapped in each way, as the JDK wraps it. */
enum KnownWraps {
    KW(OperationCases.KEY, OperationCases.WRAPPED, 0),
    KWP(OperationCases.KEY, "2cef0c9e30de26016c230cb78bc60d51b1fe083ba0c79cd5", 0),
    CBC(OperationCases.KEY, OperationCases.CIPHER, 16),
    ECB(OperationCases.KEY, OperationCases.CIPHER, 0),
    DES3_CBC(OperationCases.DES3_KEY, "109aeac4d79bfadd00d623de611ebb31", 8),
    DES3_ECB(OperationCases.DES3_KEY, "109aeac4d79bfaddf9ad78eda08644d5", 0);

    private final String kek;
    private final String blob;
    private final int ivOctets;

    KnownWraps(String kek, String blob, int ivOctets) {
        this.kek = kek;
        this.blob = blob;
        this.ivOctets = ivOctets;
    }

    String kekValue() {
        return kek;
    }

    String blob() {
        return blob;
    }

    Mechanism mechanism(long number) {
        return ivOctets == 0 ? Mechanism.of(number) : Mechanism.withIv(number, new byte[ivOctets]);
    }

    Template.Builder kek(Scratch scratch, Cka right) {
        return this == DES3_CBC || this == DES3_ECB ? scratch.des3(right) : scratch.aes(right);
    }
}
