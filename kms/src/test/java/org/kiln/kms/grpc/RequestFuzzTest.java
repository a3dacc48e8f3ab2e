package org.kiln.kms.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import org.junit.jupiter.api.Test;
import org.kiln.auc.v1.VectorRequest;
import org.kiln.fuzz.Fuzz;

/** Whatever a message is, it is a request or none. */
class RequestFuzzTest {

    private static final RequestReader READER = new RequestReader(true);

    @Test
    void messages() {
        assertThat(Fuzz.of("protobuf")
                        .run(
                                input -> READER.read(VectorRequest.parseFrom(input)),
                                InvalidProtocolBufferException.class,
                                InvalidRequestException.class))
                .isPositive();
    }
}
