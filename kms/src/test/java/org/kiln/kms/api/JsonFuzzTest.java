package org.kiln.kms.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.kiln.fuzz.Fuzz;
import org.kiln.kms.provisioning.ProvisioningException;
import org.kiln.kms.suci.Suci;
import org.kiln.kms.suci.SuciException;
import org.kiln.transfer.numbering.Supi;

/** Bodies and paths of the HTTP interfaces: taken, or refused as a problem of the request. */
class JsonFuzzTest {

    private static final Supi SUPI = new Supi("imsi-001010000000001");

    @Test
    void requestsForVectors() {
        assertThat(Fuzz.of("nudm").run(JsonFuzzTest::readAll, ProblemException.class))
                .isPositive();
    }

    private static void readAll(byte[] input) {
        UeauRequest request = UeauRequest.parse(Buffer.buffer(input));
        Runnable[] members = {
            request::servingNetworkName,
            request::ausfInstanceId,
            request::hssAuthType,
            request::authType,
            request::anId,
            request::mcc,
            request::mnc,
            request::numOfRequestedVectors,
            request::resynchronisation
        };
        for (Runnable member : members) {
            try {
                member.run();
            } catch (ProblemException e) {
                assertThat(e.problem().status()).isEqualTo(400);
            }
        }
    }

    @Test
    void subscriptions() {
        assertThat(Fuzz.of("nudr")
                        .run(
                                input -> SubscriptionJson.parse(SUPI, Buffer.buffer(input)),
                                ProblemException.class,
                                ProvisioningException.class))
                .isPositive();
    }

    @Test
    void patches() {
        assertThat(Fuzz.of("patch").run(input -> SubscriptionJson.patch(Buffer.buffer(input)), ProblemException.class))
                .isPositive();
    }

    @Test
    void segmentsOfPaths() {
        assertThat(Fuzz.of("suci")
                        .run(
                                input -> {
                                    String segment = new String(input, StandardCharsets.ISO_8859_1);
                                    Suci.parse(UriSegment.decoded(segment, "supiOrSuci"));
                                },
                                ProblemException.class,
                                SuciException.class))
                .isPositive();
    }
}
