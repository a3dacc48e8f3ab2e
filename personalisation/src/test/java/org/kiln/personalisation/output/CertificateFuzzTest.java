package org.kiln.personalisation.output;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.kiln.fuzz.Fuzz;
import org.kiln.personalisation.identity.TestMaker;
import org.kiln.personalisation.order.OrderException;

/** Certificates as partners and vendors send them, in whatever state they arrive. */
class CertificateFuzzTest {

    private static String good;

    @BeforeAll
    static void certify() throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        good = TestMaker.pem(new TestMaker("Cards", Instant.parse("2026-11-28T00:00:00Z"))
                .certify("acme", generator.generateKeyPair().getPublic(), Instant.parse("2026-11-28T00:00:00Z")));
    }

    @Test
    void aGoodOneIsRead() {
        assertThat(DeliveryFiles.certificate("certificate", good)
                        .getSubjectX500Principal()
                        .getName())
                .contains("device");
    }

    @Test
    void anyTextIsACertificateOrRefusedByItsMember() {
        assertThat(Fuzz.of("certificate", good.getBytes(StandardCharsets.US_ASCII))
                        .run(mutant -> {
                            try {
                                DeliveryFiles.certificate(
                                        "deliveryCertificate", new String(mutant, StandardCharsets.ISO_8859_1));
                            } catch (OrderException.Refused e) {
                                assertThat(e).hasMessageContaining("deliveryCertificate is no X.509 certificate");
                            }
                        }))
                .isPositive();
    }
}
