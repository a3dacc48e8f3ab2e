package org.kiln.kms.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kiln.kms.aka.PlmnId;
import org.kiln.kms.aka.VectorKind;
import org.kiln.kms.auc.AuthenticationCentre;
import org.kiln.kms.auc.VectorRequest;
import org.kiln.kms.provisioning.ScratchNode;
import org.kiln.pkcs11.Binding;
import org.kiln.pkcs11.FfmCryptoki;
import org.kiln.pkcs11.IaikCryptoki;
import org.kiln.token.ScratchToken;

/** {@code hsm.binding}: a node works through either binding, and through the one that is configured. */
class BindingTest {

    @TempDir
    private Path folder;

    private static void bound(Path configuration, String binding) throws Exception {
        String text = Files.readString(configuration);
        assertThat(text).contains("binding: ffm");
        Files.writeString(configuration, text.replace("binding: ffm", "binding: " + binding));
    }

    @Test
    void aNodeOpensThroughTheBindingItIsGiven() throws Exception {
        ScratchToken.create();
        DataFolder data = new DataFolder(folder.resolve("node"));
        KilnConfiguration prepared = Preparation.ensure(data, _ -> {});
        assertThat(prepared.hsm().binding()).isEqualTo(Binding.FFM);
        try (AucNode node = AucNode.open(data, prepared)) {
            assertThat(node.connection().cryptoki()).isInstanceOf(FfmCryptoki.class);
        }
        bound(data.configuration(), "iaik");
        try (AucNode node = AucNode.open(data, KilnConfiguration.read(data.configuration()))) {
            assertThat(node.connection().cryptoki()).isInstanceOf(IaikCryptoki.class);
        }
    }

    @Test
    void aBindingThatIsNoneIsRefused() throws Exception {
        Path file = folder.resolve("kiln.yaml");
        try (var defaults = KilnConfiguration.class.getResourceAsStream("/kiln-default.yaml")) {
            Files.copy(defaults, file);
        }
        bound(file, "jna");
        assertThatThrownBy(() -> KilnConfiguration.read(file))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("kiln.yaml")
                .hasMessageContaining("jna")
                .hasMessageContainingAll("FFM", "IAIK");
    }

    @Test
    void vectorsOfANodeOnTheIaikBindingAreGenuine() throws Exception {
        try (ScratchNode node = new ScratchNode(folder, Binding.IAIK)) {
            node.provision(4);
            try (AuthenticationCentre centre =
                    new AuthenticationCentre(node.token(), node.storageKeys(), node.store(), 0, 100)) {
                for (int number = 0; number < 4; number++) {
                    VectorRequest request = new VectorRequest(
                            ScratchNode.supi(number),
                            VectorKind.EpsAka.of(new PlmnId("001", "01")),
                            2,
                            Optional.empty());
                    for (var vector : centre.authenticate(request).join()) {
                        assertThat(ScratchNode.card(number).sqn(vector)).isGreaterThan(0x20);
                    }
                }
            }
        }
    }
}
