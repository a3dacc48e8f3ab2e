package org.kiln.perf;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** The model stands by itself, and the simulation that checks it by itself beside it. */
class PerfRulesTest {

    private static final String PERF = "org.kiln.perf.";

    private final JavaClasses perf = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("org.kiln.perf");

    @Test
    void theModelKnowsNobody() {
        noClasses()
                .that()
                .resideInAPackage(PERF + "plan")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        PERF + "simulation", PERF + "measure", PERF + "cli", "org.kiln.kms.auc..", "org.kiln.pkcs11..")
                .check(perf);
    }

    @Test
    void theSimulationKnowsTheModelAlone() {
        noClasses()
                .that()
                .resideInAPackage(PERF + "simulation")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(PERF + "measure", PERF + "cli", "org.kiln.kms.auc..", "org.kiln.pkcs11..")
                .check(perf);
    }

    @Test
    void nodesAreKnownByWhatTheyCostOnly() {
        noClasses()
                .that()
                .haveSimpleName("NodeDay")
                .or()
                .haveSimpleName("Arrivals")
                .or()
                .haveSimpleName("KeyCache")
                .or()
                .haveSimpleName("Servers")
                .should()
                .dependOnClassesThat()
                .haveSimpleNameEndingWith("CacheModel")
                .orShould()
                .dependOnClassesThat()
                .haveSimpleNameEndingWith("WaitingModel")
                .check(perf);
    }
}
