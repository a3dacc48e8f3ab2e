package org.kiln.pkcs11;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.kiln.token.CompiledModule;
import org.kiln.token.ScratchToken;

class FfmCryptokiTest extends CryptokiContract {

    @Override
    Cryptoki load(Path module) {
        return Binding.FFM.load(module);
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3})
    void aModuleThatOffersAnInterfaceOnlyIsUsed(int major, @TempDir Path folder) throws Exception {
        Cryptoki other = load(CompiledModule.compile(folder, "interface-only", "MAJOR=" + major));
        assertThat(other).isNotSameAs(cryptoki);
        try (Session second = other.openSession(token.slot(), true);
                var pin = ScratchToken.userPin()) {
            second.login(Ck.CKU_USER, pin);
            assertThat(encrypted(second, importAes(KEY, Cka.ENCRYPT), PLAIN)).isEqualTo(CIPHER);
        }
    }

    @Test
    void anInterfaceOfAnUnknownVersionIsNotUsed(@TempDir Path folder) throws Exception {
        Path module = CompiledModule.compile(folder, "interface-only", "MAJOR=4");
        assertThatThrownBy(() -> load(module))
                .isInstanceOf(ModuleLoadException.class)
                .hasMessageContaining("interface-only.so")
                .hasMessageContaining("nor a C_GetInterface that offers version 2 or 3");
    }
}
