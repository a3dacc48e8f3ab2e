package org.kiln.personalisation.server;

import java.util.stream.Stream;
import org.kiln.kms.server.Expiry;
import org.kiln.kms.store.Database;
import org.kiln.personalisation.output.DeliveryFiles;
import org.kiln.personalisation.partner.Partner;
import org.kiln.personalisation.partner.PartnerRegister;

/** Until when the certificates of partners are good. */
public final class PartnerCertificates {

    private PartnerCertificates() {}

    /** Of all partners in the register. */
    public static Stream<Expiry> in(Database database) {
        return PartnerRegister.stored(database).stream().flatMap(PartnerCertificates::of);
    }

    private static Stream<Expiry> of(Partner partner) {
        return Stream.of(partner.certificate(), partner.signingCertificate())
                .distinct()
                .map(pem -> new Expiry(
                        "partner",
                        partner.name(),
                        DeliveryFiles.certificate("certificate", pem)
                                .getNotAfter()
                                .toInstant()));
    }
}
