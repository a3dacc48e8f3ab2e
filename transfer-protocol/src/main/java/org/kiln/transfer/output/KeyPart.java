package org.kiln.transfer.output;

import org.kiln.transfer.batch.KeyReference;

/** What a file may tell of a transport key. */
public enum KeyPart {
    /** The label that both sides agreed on. */
    LABEL,
    /** Its check value over a zero block; if that is not known, that by CMAC. */
    KCV;

    String of(KeyReference key) {
        if (this == LABEL) {
            return key.label();
        }
        String zero = key.kcvZero();
        String cmac = key.kcvCmac();
        return zero != null ? zero : cmac != null ? cmac : "";
    }
}
