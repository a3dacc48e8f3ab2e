package org.kiln.architecture;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.lang.foreign.Linker;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Dependencies run one way, room by room, as docs/house.md draws them. */
class HouseRulesTest {

    private static final String IAIK = "org\\.kiln\\.pkcs11\\.Iaik.*";

    private static JavaClasses kiln;

    @BeforeAll
    static void read() {
        kiln = new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .withImportOption(location -> !location.contains("-tests.jar"))
                .importPackages("org.kiln");
    }

    /** Each room and the rooms of Kiln that it may touch. */
    static Stream<Arguments> rooms() {
        String kms = "org.kiln.kms.";
        String transfer = "org.kiln.transfer.";
        String personalisation = "org.kiln.personalisation.";
        return Stream.of(
                room("org.kiln.secret"),
                room("org.kiln.pkcs11", "org.kiln.secret"),
                room("org.kiln.token", "org.kiln.pkcs11", "org.kiln.secret"),
                room("org.kiln.certify", "org.kiln.token", "org.kiln.pkcs11", "org.kiln.secret"),
                room(transfer + "numbering"),
                room(transfer + "batch", transfer + "numbering", "org.kiln.secret"),
                room(transfer + "envelope"),
                room(transfer + "output", transfer + "batch", transfer + "numbering"),
                room(transfer + "openpgp", transfer + "envelope"),
                room(transfer + "acknowledgement", transfer + "envelope"),
                room(transfer + "tr31", "org.kiln.secret", "org.kiln.pkcs11"),
                room(transfer + "keyblock"),
                room(transfer + "ota", "org.kiln.pkcs11"),
                room(
                        transfer + "recipient",
                        "org.kiln.secret",
                        "org.kiln.pkcs11",
                        "org.kiln.token",
                        transfer + "batch",
                        transfer + "output",
                        transfer + "openpgp",
                        transfer + "acknowledgement",
                        transfer + "keyblock",
                        transfer + "tr31",
                        transfer + "envelope"),
                room(kms + "hsm", "org.kiln.secret", "org.kiln.pkcs11", "org.kiln.token"),
                room(
                        kms + "keys",
                        "org.kiln.secret",
                        "org.kiln.pkcs11",
                        "org.kiln.token",
                        kms + "hsm",
                        transfer + "keyblock",
                        transfer + "tr31"),
                room(kms + "access", transfer + "numbering"),
                room(kms + "aka"),
                room(kms + "sqn"),
                room(kms + "store"),
                room(kms + "copy"),
                room(kms + "audit", kms + "store"),
                room(kms + "approval", kms + "access", kms + "audit", kms + "store", kms + "keys"),
                room(kms + "seat", kms + "store", kms + "sqn"),
                room(kms + "lab"),
                room(kms + "ceremony"),
                room(kms + "oauth2"),
                room(kms + "trace"),
                room(
                        kms + "rotation",
                        kms + "approval",
                        kms + "audit",
                        kms + "store",
                        kms + "keys",
                        kms + "hsm",
                        "org.kiln.pkcs11"),
                room(
                        kms + "subscriber",
                        kms + "store",
                        kms + "keys",
                        kms + "rotation",
                        kms + "sqn",
                        kms + "aka",
                        transfer + "numbering"),
                room(
                        kms + "auc",
                        kms + "access",
                        kms + "seat",
                        kms + "subscriber",
                        kms + "store",
                        kms + "sqn",
                        kms + "aka",
                        kms + "keys",
                        kms + "hsm",
                        "org.kiln.token",
                        "org.kiln.pkcs11",
                        transfer + "numbering"),
                room(
                        kms + "provisioning",
                        kms + "trace",
                        kms + "approval",
                        kms + "audit",
                        kms + "subscriber",
                        kms + "store",
                        kms + "sqn",
                        kms + "aka",
                        kms + "keys",
                        kms + "hsm",
                        "org.kiln.token",
                        "org.kiln.pkcs11",
                        transfer + "numbering"),
                room(
                        kms + "suci",
                        kms + "audit",
                        kms + "store",
                        kms + "keys",
                        kms + "hsm",
                        "org.kiln.pkcs11",
                        transfer + "numbering"),
                room(kms + "gsup", kms + "access", kms + "auc", kms + "aka", kms + "hsm", transfer + "numbering"),
                room(
                        kms + "api",
                        kms + "trace",
                        kms + "access",
                        kms + "approval",
                        kms + "auc",
                        kms + "oauth2",
                        kms + "provisioning",
                        kms + "suci",
                        kms + "aka",
                        kms + "hsm",
                        transfer + "numbering"),
                room(
                        kms + "grpc",
                        kms + "access",
                        kms + "auc",
                        kms + "aka",
                        kms + "hsm",
                        kms + "oauth2",
                        "org.kiln.auc.v1",
                        transfer + "numbering"),
                room("org.kiln.auc.v1"),
                room(personalisation + "document"),
                room(personalisation + "journal", kms + "audit"),
                room(personalisation + "client", kms + "lab"),
                room(
                        personalisation + "profile",
                        personalisation + "document",
                        kms + "approval",
                        kms + "audit",
                        kms + "store",
                        kms + "subscriber",
                        kms + "sqn",
                        kms + "aka",
                        transfer + "batch"),
                room(
                        personalisation + "partner",
                        personalisation + "document",
                        kms + "approval",
                        kms + "audit",
                        kms + "store",
                        transfer + "batch",
                        transfer + "output"),
                room(
                        personalisation + "numbering",
                        personalisation + "document",
                        kms + "approval",
                        kms + "audit",
                        kms + "store"),
                room(
                        personalisation + "order",
                        personalisation + "journal",
                        personalisation + "profile",
                        personalisation + "partner",
                        personalisation + "numbering",
                        personalisation + "document",
                        kms + "approval",
                        kms + "audit",
                        kms + "store",
                        kms + "keys",
                        kms + "rotation",
                        transfer + "output",
                        transfer + "numbering"),
                room(
                        personalisation + "output",
                        personalisation + "order",
                        personalisation + "partner",
                        personalisation + "profile",
                        kms + "provisioning",
                        kms + "subscriber",
                        kms + "keys",
                        transfer + "acknowledgement",
                        transfer + "batch",
                        transfer + "envelope",
                        transfer + "openpgp",
                        transfer + "output"),
                room(
                        personalisation + "generation",
                        personalisation + "output",
                        personalisation + "order",
                        personalisation + "partner",
                        personalisation + "profile",
                        kms + "subscriber",
                        kms + "store",
                        kms + "sqn",
                        kms + "aka",
                        kms + "keys",
                        kms + "hsm",
                        transfer + "batch",
                        transfer + "numbering",
                        "org.kiln.token",
                        "org.kiln.pkcs11",
                        "org.kiln.secret"),
                room(
                        personalisation + "intake",
                        personalisation + "generation",
                        personalisation + "output",
                        personalisation + "order",
                        personalisation + "partner",
                        personalisation + "profile",
                        kms + "provisioning",
                        kms + "subscriber",
                        kms + "store",
                        kms + "sqn",
                        kms + "keys",
                        kms + "hsm",
                        transfer + "batch",
                        transfer + "envelope",
                        transfer + "numbering",
                        transfer + "output",
                        "org.kiln.token",
                        "org.kiln.pkcs11"),
                room(
                        personalisation + "identity",
                        personalisation + "journal",
                        personalisation + "generation",
                        personalisation + "order",
                        personalisation + "partner",
                        personalisation + "profile",
                        personalisation + "numbering",
                        personalisation + "document",
                        kms + "auc",
                        kms + "provisioning",
                        kms + "subscriber",
                        kms + "rotation",
                        kms + "store",
                        kms + "sqn",
                        kms + "keys",
                        kms + "hsm",
                        transfer + "envelope",
                        transfer + "numbering",
                        "org.kiln.token",
                        "org.kiln.pkcs11",
                        "org.kiln.secret"),
                room(
                        personalisation + "custody",
                        personalisation + "journal",
                        personalisation + "output",
                        personalisation + "order",
                        personalisation + "numbering",
                        personalisation + "document",
                        kms + "subscriber",
                        kms + "store",
                        transfer + "numbering"));
    }

    private static Arguments room(String room, String... mayTouch) {
        return Arguments.of(room, List.of(mayTouch));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("rooms")
    void aRoomTouchesOnlyWhatItMay(String room, List<String> mayTouch) {
        String[] allowed = Stream.of(Stream.of(room), mayTouch.stream(), Stream.of("java..", "javax.."))
                .flatMap(packages -> packages)
                .toArray(String[]::new);
        classes()
                .that()
                .resideInAPackage(room)
                .should()
                .onlyDependOnClassesThat(resideInAnyPackage(allowed).or(resideOutsideOfPackage("org.kiln..")))
                .check(kiln);
    }

    @Test
    void theBindingTouchesTheJdkOnly() {
        classes()
                .that()
                .resideInAnyPackage("org.kiln.pkcs11", "org.kiln.secret", "org.kiln.kms.sqn", "org.kiln.kms.aka")
                .and()
                .haveNameNotMatching(IAIK)
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "java..",
                        "org.jspecify..",
                        "org.kiln.pkcs11",
                        "org.kiln.secret",
                        "org.kiln.kms.sqn",
                        "org.kiln.kms.aka")
                .check(kiln);
    }

    @Test
    void onlyTheIaikBindingTouchesItsWrapper() {
        noClasses()
                .that()
                .haveNameNotMatching(IAIK)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.xipki..", "iaik..")
                .check(kiln);
    }

    @Test
    void roomsFormNoCycles() {
        ArchRule rule = slices().matching("org.kiln.(**)").should().beFreeOfCycles();
        rule.check(kiln);
    }

    @Test
    void onlyTheBindingAndWhatLocksMemoryCallNativeCode() {
        noClasses()
                .that()
                .resideOutsideOfPackages("org.kiln.pkcs11", "org.kiln.token")
                .and()
                .doNotHaveFullyQualifiedName("org.kiln.secret.LibC")
                .should()
                .dependOnClassesThat()
                .areAssignableTo(Linker.class)
                .check(kiln);
    }

    @Test
    void noClassIsAManagerOrAHelper() {
        noClasses()
                .should()
                .haveSimpleNameEndingWith("Manager")
                .orShould()
                .haveSimpleNameEndingWith("Helper")
                .orShould()
                .haveSimpleNameEndingWith("Util")
                .orShould()
                .haveSimpleNameEndingWith("Utils")
                .check(new ClassFileImporter()
                        .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                        .withImportOption(location -> !location.contains("TokenKeyManager"))
                        .importPackages("org.kiln"));
    }
}
