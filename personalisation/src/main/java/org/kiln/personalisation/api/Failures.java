package org.kiln.personalisation.api;

import org.kiln.kms.api.Cause;
import org.kiln.kms.api.Problem;
import org.kiln.kms.api.ProblemException;
import org.kiln.kms.store.StoreException;
import org.kiln.personalisation.document.DocumentException;
import org.kiln.personalisation.identity.IdentityException;
import org.kiln.personalisation.intake.IntakeException;
import org.kiln.personalisation.numbering.RangeException;
import org.kiln.personalisation.order.OrderException;
import org.kiln.personalisation.partner.PartnerDamagedException;
import org.kiln.personalisation.profile.ProfileException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What failures of the rooms below mean to a caller. */
final class Failures {

    private static final Logger LOG = LoggerFactory.getLogger(Failures.class);

    private Failures() {}

    /** The problem that a failure stands for; another failure as it is. */
    static Throwable explained(Throwable failure) {
        return switch (failure) {
            case DocumentException e -> new ProblemException(Problem.of(400, "DOCUMENT_REFUSED", message(e)));
            case RangeException.InUse e -> new ProblemException(Problem.of(409, "NUMBERS_IN_USE", message(e)));
            case RangeException.Damaged e -> damaged(e);
            case RangeException e -> new ProblemException(Problem.of(409, "NUMBERS_REFUSED", message(e)));
            case PartnerDamagedException e -> damaged(e);
            case ProfileException.Unknown e -> new ProblemException(Problem.of(404, "PROFILE_NOT_FOUND", message(e)));
            case ProfileException.NotAllowed e -> new ProblemException(Problem.of(409, "PROFILE_REFUSED", message(e)));
            case ProfileException.Expired e -> new ProblemException(Problem.of(409, "PROFILE_EXPIRED", message(e)));
            case ProfileException.Damaged e -> damaged(e);
            case IntakeException e -> new ProblemException(Problem.of(400, "BATCH_REFUSED", message(e)));
            case OrderException.Unknown e -> new ProblemException(Problem.of(404, "ORDER_NOT_FOUND", message(e)));
            case OrderException.Refused e -> new ProblemException(Problem.of(400, "ORDER_REFUSED", message(e)));
            case OrderException.WrongState e -> new ProblemException(Problem.of(409, "ORDER_STATE", message(e)));
            case OrderException.Expired e -> new ProblemException(Problem.of(409, "ORDER_EXPIRED", message(e)));
            case OrderException.Damaged e -> damaged(e);
            case OrderException.SecondPerson e ->
                new ProblemException(Problem.of(403, "SECOND_PERSON_NEEDED", message(e)));
            case IdentityException e ->
                new ProblemException(
                        Problem.of(e.refusal().status(), e.refusal().name(), message(e)));
            case StoreException e
            when e.mayPass() -> {
                LOG.error("the store cannot take what was asked: {}", e.getMessage());
                yield new ProblemException(Problem.of(
                        Cause.NF_CONGESTION,
                        "the store cannot take this now, and nothing was changed; send it again when it can (the node's"
                                + " log says what it lacks)"));
            }
            default -> failure;
        };
    }

    private static ProblemException damaged(RuntimeException e) {
        LOG.error("{}", e.getMessage());
        return new ProblemException(Problem.of(Cause.SYSTEM_FAILURE, message(e)));
    }

    private static String message(RuntimeException e) {
        return String.valueOf(e.getMessage());
    }
}
