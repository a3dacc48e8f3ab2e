package org.kiln.personalisation.identity;

import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import org.kiln.kms.keys.TransportKeys.Direction;
import org.kiln.kms.provisioning.TransportKey;
import org.kiln.kms.provisioning.TransportKeyRegister;
import org.kiln.personalisation.partner.Partner;
import org.kiln.personalisation.partner.PartnerRegister;

/** Partners who get keys in a device's place: SM-DP+ platforms. */
public final class Platforms {

    private final PartnerRegister partners;
    private final TransportKeyRegister transportKeys;
    private final InstantSource clock;

    public Platforms(PartnerRegister partners, TransportKeyRegister transportKeys, InstantSource clock) {
        this.partners = partners;
        this.transportKeys = transportKeys;
        this.clock = clock;
    }

    /**
     * The label of a platform's outgoing transport key, fit for use today.
     *
     * @throws IdentityException if there is no such partner, or his key is not
     */
    String transportKey(String platform) {
        Partner partner = partners.find(platform)
                .orElseThrow(() -> refused("there is no partner '" + platform + "'; 'kiln partner add' enters one"));
        TransportKey key = transportKeys
                .find(partner.transportKey())
                .filter(found -> found.partner().equals(platform) && found.direction() == Direction.OUTGOING)
                .orElseThrow(() -> refused("transport key '" + partner.transportKey() + "' is no outgoing key of '"
                        + platform + "'; make one with 'kiln transport-key create'"));
        key.refusal(LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC)).ifPresent(why -> {
            throw refused(why);
        });
        return key.label();
    }

    private static IdentityException refused(String why) {
        return new IdentityException(Refusal.PLATFORM_REFUSED, why);
    }
}
