package org.kiln.kms.gsup;

import org.kiln.kms.access.AccessException;
import org.kiln.kms.aka.AkaException;
import org.kiln.kms.auc.AuthenticationException;
import org.kiln.kms.hsm.TokenBusyException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Why a request is refused: the GMM causes of TS 24.008 clause 10.5.5.14 that Kiln sends. */
enum GsupCause {
    IMSI_UNKNOWN(0x02),
    PLMN_NOT_ALLOWED(0x0b),
    NETWORK_FAILURE(0x11),
    MAC_FAILURE(0x14),
    CONGESTION(0x16),
    SEMANTICALLY_INCORRECT(0x5f),
    INVALID_MANDATORY_INFORMATION(0x60),
    MESSAGE_TYPE_NOT_IMPLEMENTED(0x61),
    CONDITIONAL_ELEMENT_ERROR(0x64);

    private static final Logger LOG = LoggerFactory.getLogger(GsupCause.class);

    private final int octet;

    GsupCause(int octet) {
        this.octet = octet;
    }

    int octet() {
        return octet;
    }

    /**
     * The cause that a failure stands for. A forged AUTS is a MAC failure rather than "illegal MS", with which a core
     * would lock out the subscriber whose IMSI somebody else used.
     */
    static GsupCause of(Throwable failure) {
        return switch (failure) {
            case GsupException.WrongMessage e -> e.gsupCause();
            case AccessException e -> e.refusal().isForNow() ? CONGESTION : PLMN_NOT_ALLOWED;
            case AuthenticationException.UnknownSubscriber _ -> IMSI_UNKNOWN;
            case AuthenticationException.Suspended _ -> PLMN_NOT_ALLOWED;
            case AuthenticationException.Rejected _ -> MAC_FAILURE;
            case AuthenticationException.TooManyResynchronisations _ -> CONGESTION;
            case TokenBusyException _ -> CONGESTION;
            case AuthenticationException.Unavailable _ -> NETWORK_FAILURE;
            case AuthenticationException.RecordDamaged _ -> NETWORK_FAILURE;
            case AkaException.KindNotServed _ -> SEMANTICALLY_INCORRECT;
            case AkaException e -> {
                LOG.error("a subscriber cannot be served: {}", e.getMessage());
                yield NETWORK_FAILURE;
            }
            default -> {
                LOG.error("a GSUP request failed unexpectedly", failure);
                yield NETWORK_FAILURE;
            }
        };
    }
}
