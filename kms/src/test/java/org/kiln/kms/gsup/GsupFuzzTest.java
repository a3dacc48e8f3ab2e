package org.kiln.kms.gsup;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.buffer.Buffer;
import org.junit.jupiter.api.Test;
import org.kiln.fuzz.Fuzz;
import org.kiln.kms.aka.VectorKind;

/** Whatever a peer sends is answered, refused by a cause, or ends the stream. */
class GsupFuzzTest {

    @Test
    void streams() {
        assertThat(Fuzz.of("gsup")
                        .run(
                                input -> new IpaDecoder(GsupFuzzTest::take).feed(Buffer.buffer(input)),
                                GsupException.BrokenStream.class))
                .isPositive();
    }

    @Test
    void messages() {
        assertThat(Fuzz.of("gsup").run(input -> take(new IpaFrame.Gsup(input)))).isPositive();
    }

    private static void take(IpaFrame frame) {
        if (frame instanceof IpaFrame.Gsup(byte[] octets) && octets.length > 0) {
            GsupMessage message = new GsupMessage(octets);
            if (message.isRequest()) {
                assertThat(GsupAnswer.error(message, GsupCause.CONGESTION).length())
                        .isPositive();
            }
            try {
                message.isForEps();
                message.vectorRequest(VectorKind.UmtsAka.UMTS);
            } catch (GsupException.WrongMessage e) {
                assertThat(e.gsupCause()).isNotNull();
            }
        }
    }
}
