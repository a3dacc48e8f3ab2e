package org.kiln.kms.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kiln.kms.aka.PlmnId;
import org.kiln.kms.aka.VectorKind;
import org.kiln.kms.auc.AuthenticationCentre;
import org.kiln.kms.auc.VectorRequest;
import org.kiln.kms.keys.ScratchKeys;
import org.kiln.kms.provisioning.ScratchNode;
import org.kiln.pkcs11.Binding;
import org.kiln.pkcs11.FfmCryptoki;
import org.kiln.pkcs11.IaikCryptoki;

/** {@code hsm.binding}: a node works through either binding, and through the one that is configured. */
class BindingTest {

    @TempDir
    private Path folder;

    @Test
    void aNodeOpensThroughTheBindingItIsGiven() throws Exception {
        try (ScratchKeys keys = ScratchKeys.create()) {
            DataFolder data =
                    ScratchFolder.create(folder.resolve("node"), keys.token().label());
            try (AucNode node = AucNode.open(data, KilnConfiguration.read(data.configuration()))) {
                assertThat(node.connection().cryptoki()).as("the default").isInstanceOf(FfmCryptoki.class);
            }
            try (AucNode node = AucNode.open(data, ScratchFolder.change(data, "binding: ffm", "binding: iaik"))) {
                assertThat(node.connection().cryptoki()).isInstanceOf(IaikCryptoki.class);
            }
        }
    }

    @Test
    void aBindingThatIsNoneIsRefused() throws Exception {
        DataFolder data = ScratchFolder.create(folder, "any");
        assertThatThrownBy(() -> ScratchFolder.change(data, "binding: ffm", "binding: jna"))
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
                    new AuthenticationCentre(node.tokens(), node.storageKeys(), node.store(), 0, 1, 100)) {
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
