package org.kiln.personalisation.identity;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.kiln.personalisation.document.Documents;
import org.kiln.personalisation.output.DeliveryFiles;

/** The request in examples/ is one that a device signed. */
class RequestExampleTest {

    private static final Path EXAMPLE = Path.of("..", "examples", "identity-request.yaml");

    @Test
    void itsDeviceSignedIt() throws Exception {
        IdentityRequest request = Documents.readYaml("the request", Files.readAllBytes(EXAMPLE), IdentityRequest.class);
        X509Certificate certificate = DeliveryFiles.certificate("certificates", request.certificates());
        Signature ecdsa = Signature.getInstance("SHA256withECDSA");
        ecdsa.initVerify(certificate.getPublicKey());
        ecdsa.update(Statements.request(request));
        assertThat(ecdsa.verify(Base64.getDecoder().decode(request.signature())))
                .isTrue();
        assertThat(certificate.getSubjectX500Principal().getName())
                .contains(HexFormat.of().formatHex(request.deviceId().getBytes(StandardCharsets.US_ASCII)));
    }
}
