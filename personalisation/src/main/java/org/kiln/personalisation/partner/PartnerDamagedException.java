package org.kiln.personalisation.partner;

/** A partner's row is not as Kiln wrote it; the message says what to do. */
public final class PartnerDamagedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    PartnerDamagedException(String name) {
        super("the row of partner '" + name
                + "' was changed by somebody else than Kiln: find out by whom before anything is"
                + " approved for him; then put the partner again ('kiln partner put'), with a certificate that you have from"
                + " himself");
    }
}
