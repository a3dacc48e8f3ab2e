package org.kiln.personalisation;

import java.time.Duration;
import org.kiln.kms.approval.SecondPerson;
import org.kiln.kms.keys.KeyRing;
import org.kiln.kms.keys.RecordMac;
import org.kiln.kms.keys.ScratchKeys;
import org.kiln.pkcs11.Ck;
import org.kiln.pkcs11.Session;

/** Codes of rows under the key of a scratch token, one for all tests of a process. */
public final class ScratchCodes {

    private static final SecondPerson SECOND_PERSON = derive();

    private ScratchCodes() {}

    private static SecondPerson derive() {
        try (ScratchKeys keys = ScratchKeys.create();
                Session session = keys.openAs(Ck.CKU_USER)) {
            return new SecondPerson(RecordMac.derive(session, new KeyRing()), Duration.ofHours(24));
        }
    }

    public static SecondPerson secondPerson() {
        return SECOND_PERSON;
    }
}
