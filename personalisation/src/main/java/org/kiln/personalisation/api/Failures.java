package org.kiln.personalisation.api;

import org.kiln.kms.api.Problem;
import org.kiln.kms.api.ProblemException;
import org.kiln.personalisation.document.DocumentException;
import org.kiln.personalisation.identity.IdentityException;
import org.kiln.personalisation.numbering.RangeException;
import org.kiln.personalisation.order.OrderException;
import org.kiln.personalisation.profile.ProfileException;

/** What failures of the rooms below mean to a caller. */
final class Failures {

    private Failures() {}

    /** The problem that a failure stands for; another failure as it is. */
    static Throwable explained(Throwable failure) {
        return switch (failure) {
            case DocumentException e -> problem(400, "DOCUMENT_REFUSED", e);
            case RangeException e -> problem(409, "NUMBERS_REFUSED", e);
            case ProfileException.Unknown e -> problem(404, "PROFILE_NOT_FOUND", e);
            case ProfileException.NotAllowed e -> problem(409, "PROFILE_REFUSED", e);
            case OrderException.Unknown e -> problem(404, "ORDER_NOT_FOUND", e);
            case OrderException.Refused e -> problem(400, "ORDER_REFUSED", e);
            case OrderException.WrongState e -> problem(409, "ORDER_STATE", e);
            case OrderException.SecondPerson e -> problem(403, "SECOND_PERSON_NEEDED", e);
            case IdentityException e ->
                problem(e.refusal().status(), e.refusal().name(), e);
            default -> failure;
        };
    }

    private static ProblemException problem(int status, String cause, RuntimeException e) {
        return new ProblemException(Problem.of(status, cause, String.valueOf(e.getMessage())));
    }
}
