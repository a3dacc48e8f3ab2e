package org.kiln.kms.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.math.BigInteger;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Date;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.kiln.transfer.numbering.Supi;

/** Who is known by which certificate, and what he may do. */
class AccessRulesTest {

    private static final String NF = "3fa85f64-5717-4562-b3fc-2c963f66afa6";
    private static final Supi HOME = new Supi("imsi-001010000000001");
    private static final Supi FOREIGN = new Supi("imsi-262010000000001");

    private static KeyPair keys;

    @BeforeAll
    static void makeKeys() throws Exception {
        keys = KeyPairGenerator.getInstance("EC").generateKeyPair();
    }

    private static X509Certificate certificate(String subject, GeneralName... names) throws Exception {
        var builder = new JcaX509v3CertificateBuilder(
                new X500Principal("CN=Authority, O=Operator"),
                BigInteger.ONE,
                Date.from(Instant.EPOCH),
                Date.from(Instant.ofEpochSecond(4_000_000_000L)),
                new X500Principal(subject),
                keys.getPublic());
        if (names.length > 0) {
            builder.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(names));
        }
        return new JcaX509CertificateConverter()
                .getCertificate(builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate())));
    }

    private static List<CallerRule> read(String yaml) throws IOException {
        return JsonMapper.builder(new YAMLFactory()).build().readValue(yaml, new TypeReference<>() {});
    }

    private static AccessRules rules(String yaml) throws IOException {
        return new AccessRules(read(yaml));
    }

    @Test
    void aCertificateIsWhoseConditionsItFitsFirst() throws Exception {
        X509Certificate pinned = certificate("CN=pinned");
        AccessRules rules = rules("""
                - {name: plain, role: udm}
                - {name: whole, role: udm, certificate: {subject: "CN=hss, O=Operator", issuer: "CN=Authority,O=Operator"}}
                - {name: elsewhere, role: udm, certificate: {subject: "CN=hss, O=Other", issuer: "CN=Another"}}
                - {name: dns, role: udm, certificate: {dns: UDM.example}}
                - {name: nf, role: "udm:001-01", certificate: {uri: "urn:uuid:%s"}}
                - {name: one, role: udm, certificate: {sha256: "%s"}}
                - {name: late, role: udm, certificate: {dns: udm.example}}
                """.formatted(
                        NF,
                        HexFormat.ofDelimiter(":")
                                .withUpperCase()
                                .formatHex(MessageDigest.getInstance("SHA-256").digest(pinned.getEncoded()))));
        assertThat(rules.ofCertificate(certificate("CN=plain, O=Whoever")).name())
                .isEqualTo("plain");
        assertThat(rules.ofCertificate(certificate("CN=hss, O=Operator")).name())
                .isEqualTo("whole");
        assertThat(rules.ofCertificate(certificate("CN=x", new GeneralName(GeneralName.dNSName, "udm.example")))
                        .name())
                .isEqualTo("dns");
        X509Certificate nf =
                certificate("CN=y", new GeneralName(GeneralName.uniformResourceIdentifier, "urn:uuid:" + NF));
        assertThat(rules.ofCertificate(nf).name()).isEqualTo("nf");
        assertThat(rules.ofNetworkFunction(NF)).isSameAs(rules.ofCertificate(nf));
        assertThat(rules.ofNetworkFunction("another").name()).isEqualTo("access-token");
        assertThat(rules.ofCertificate(pinned).name()).isEqualTo("one");
        for (X509Certificate nobodys : List.of(
                certificate("CN=hss, O=Other"),
                certificate("O=plain"),
                certificate("CN=plain, CN=other"),
                certificate("CN=Plain"),
                certificate("CN=x", new GeneralName(GeneralName.uniformResourceIdentifier, "udm.example")),
                certificate("CN=y", new GeneralName(GeneralName.dNSName, "urn:uuid:" + NF)))) {
            assertThat(rules.ofCertificate(nobodys))
                    .as(nobodys.getSubjectX500Principal().getName())
                    .isSameAs(rules.nobody());
        }
    }

    private static Refusal refusal(Runnable call) {
        try {
            call.run();
        } catch (AccessException e) {
            return e.refusal();
        }
        return null;
    }

    @Test
    void whatNoRoleAllowsIsRefused() throws Exception {
        AccessRules rules = rules("""
                - {name: hss, role: ["hlr:001-01", "hlr:001-02", "udm:262-01"]}
                - {name: udm, role: udm}
                - {name: desk, role: [operator, "card-vendor:acme"]}
                """);
        Set<Role> vectors = Set.of(Role.UDM, Role.HLR);
        Principal hss = rules.named("hss");
        assertThat(refusal(() -> hss.require(vectors, HOME))).isNull();
        assertThat(refusal(() -> hss.require(vectors, FOREIGN))).isNull();
        assertThat(refusal(() -> hss.require(Set.of(Role.HLR), FOREIGN))).isEqualTo(Refusal.NETWORK);
        assertThat(refusal(() -> hss.require(vectors, new Supi("imsi-001030000000001"))))
                .isEqualTo(Refusal.NETWORK);
        assertThat(refusal(() -> hss.require(Set.of(Role.PROVISIONER), HOME))).isEqualTo(Refusal.ROLE);
        assertThat(refusal(() -> rules.named("udm").require(vectors, FOREIGN))).isNull();
        assertThat(refusal(() -> rules.nobody().require(vectors, HOME))).isEqualTo(Refusal.UNKNOWN);
        assertThat(refusal(() -> rules.named("stranger").requireKnown())).isEqualTo(Refusal.UNKNOWN);
        assertThat(refusal(() -> rules.laboratory().require(Set.of(Role.OPERATOR))))
                .isEqualTo(Refusal.ROLE);
        Principal desk = rules.named("desk");
        assertThat(desk.as(Set.of(Role.CARD_VENDOR))).isEqualTo(new Caller("desk", Role.CARD_VENDOR, "acme"));
        assertThat(desk.as(Set.of(Role.CARD_VENDOR, Role.OPERATOR))).isEqualTo(new Caller("desk", Role.OPERATOR, null));
        assertThat(hss.refused(Refusal.NETWORK)).isEqualTo(2);
        assertThat(hss.refused(Refusal.ROLE)).isOne();
        assertThat(rules.nobody().refused(Refusal.UNKNOWN)).isEqualTo(2);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "{name: x, role: king}; 'king' is no role",
                "{name: x, role: hlr}; the role 'hlr' is written hlr:<mcc>-<mnc>",
                "{name: x, role: 'hlr:00101'}; the role 'hlr:00101' is written hlr:<mcc>-<mnc>",
                "{name: x, role: 'udm:'}; the role 'udm:' is written udm[:<mcc>-<mnc>]",
                "{name: x, role: 'operator:y'}; the role 'operator:y' is written operator",
                "{name: x, role: card-vendor}; the role 'card-vendor' is written card-vendor:<partner>",
                "{name: x, role: []}; caller 'x' has no role",
                "{name: x, role: ['card-vendor:a', 'recipient:b']}; belongs to more than one partner",
                "{name: nobody, role: udm}; 'nobody' is a name of Kiln's own",
                "{name: 'a b', role: udm}; a caller's name is a word",
                "{role: udm}; a caller has a name and a role",
                "{name: x, role: udm, certificate: {}}; certificate has some of subject",
                "{name: x, role: udm, certificate: {issuer: 'CN=a'}}; an issuer alone",
                "{name: x, role: udm, certificate: {email: 'a'}}; but not 'email'",
                "{name: x, role: udm, certificate: {subject: 'a'}}; certificate.subject is no distinguished name",
                "{name: x, role: udm, certificate: {sha256: 'ab'}}; certificate.sha256 has 64",
                "'{name: x, role: udm, limit: {perSecond: 0, burst: 1, atOnce: 1}}'; limit.perSecond is 1 to",
                "{name: x, role: udm, speed: 3}; speed"
            })
    void aRuleThatIsNoneIsRefusedWithAReason(String rule, String reason) {
        assertThatThrownBy(() -> read("- " + rule)).hasMessageContaining(reason);
    }

    @Test
    void oneCallerHasOneEntry() {
        assertThatThrownBy(() -> rules("[{name: x, role: udm}, {name: x, role: operator}]"))
                .hasMessageContaining("callers has 'x' twice");
    }
}
