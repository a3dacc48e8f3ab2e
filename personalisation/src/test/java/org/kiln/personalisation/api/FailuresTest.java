package org.kiln.personalisation.api;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.kiln.kms.api.Problem;
import org.kiln.kms.api.ProblemException;
import org.kiln.personalisation.order.OrderException;
import org.kiln.personalisation.profile.ProfileException;

/** What a caller is told of drafts and orders that waited too long or were changed, which no test waits for at a node. */
class FailuresTest {

    private static String answer(RuntimeException failure) {
        Problem problem = ((ProblemException) Failures.explained(failure)).problem();
        return problem.status() + " " + problem.cause() + ": " + problem.detail();
    }

    @Test
    void whatWaitedTooLongIsToldWithWhatToDo() {
        assertThat(answer(new ProfileException.Expired("plain", 2, "2026-11-29T12:00:00Z")))
                .startsWith("409 PROFILE_EXPIRED: ")
                .contains("version 2 of profile 'plain'", "2026-11-29T12:00:00Z", "kiln profile add");
        assertThat(answer(new OrderException.Expired("have it ordered again")))
                .isEqualTo("409 ORDER_EXPIRED: have it ordered again");
    }

    @Test
    void aRowThatWasChangedIsNotTheCallersFault() {
        assertThat(answer(new ProfileException.Damaged("plain", 2)))
                .startsWith("500 SYSTEM_FAILURE: ")
                .contains("changed by somebody else than Kiln");
        assertThat(answer(new OrderException.Damaged("changed"))).isEqualTo("500 SYSTEM_FAILURE: changed");
    }
}
