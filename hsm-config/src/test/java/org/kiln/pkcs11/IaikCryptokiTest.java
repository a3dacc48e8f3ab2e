package org.kiln.pkcs11;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Proxy;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.kiln.token.JcaToken;
import org.kiln.token.ScratchToken;
import org.slf4j.Logger;
import org.xipki.pkcs11.wrapper.StaticLogger;

class IaikCryptokiTest extends CryptokiContract {

    @Override
    Cryptoki load(Path module) {
        return Binding.IAIK.load(module);
    }

    /** The fixture's token was made through FFM, so the module was initialised before or is shared at once. */
    @Test
    void sharesTheModuleTheLoginAndTheObjectsWithFfmAndSunPkcs11() throws Exception {
        long key = importAes(KEY, Cka.ENCRYPT);
        try (var pin = ScratchToken.userPin();
                Session ffm = token.cryptoki().openSession(token.slot(), true)) {
            assertThat(encrypted(ffm, key, PLAIN)).isEqualTo(CIPHER);
            JcaToken jca = JcaToken.open(
                    "iaik-" + token.label(), ScratchToken.profile().findModule(), token.slot(), pin);
            assertThat(jca.keyStore().size()).isZero();
            assertThat(encrypted(key, PLAIN)).isEqualTo(CIPHER);
        }
        assertThat(encrypted(key, PLAIN)).isEqualTo(CIPHER);
    }

    @Test
    void ffmAndSunPkcs11ShareTheModuleItInitialised() throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        IaikFirst.class.getName())
                .redirectErrorStream(true)
                .start();
        try (var output = process.inputReader()) {
            assertThat(output.lines()).contains(IaikFirst.SHARED);
        }
        assertThat(process.waitFor()).isZero();
    }

    /** The wrapper's upper layer writes attribute values at trace. */
    @Test
    void theWrappersDebugAndTraceMessagesAreNotLogged() {
        List<String> written = new ArrayList<>();
        Logger everything = (Logger)
                Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[] {Logger.class}, (_, method, _) -> {
                    written.add(method.getName());
                    return method.getReturnType() == boolean.class ? true : null;
                });
        IaikCryptoki.Log log = new IaikCryptoki.Log(everything);
        assertThat(log.isTraceEnabled()).isFalse();
        assertThat(log.isDebugEnabled()).isFalse();
        log.debug("value {}", KEY);
        log.trace("value {}", KEY);
        assertThat(written).isEmpty();
        log.info("opened");
        log.warn("odd");
        log.error("broken");
        assertThat(written).containsExactly("info", "warn", "error");
        assertThat(StaticLogger.isTraceEnabled()).isFalse();
        assertThat(StaticLogger.isDebugEnabled()).isFalse();
    }

    @Test
    void onlyThisPairOfClassesKnowsTheWrapper() throws Exception {
        URI classes = IaikCryptoki.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI();
        try (Stream<Path> files = Files.walk(Path.of(classes))) {
            assertThat(files.filter(file -> file.toString().endsWith(".class"))
                            .filter(IaikCryptokiTest::mentionsTheWrapper)
                            .map(file -> file.getFileName().toString().replaceAll("[$.].*", "")))
                    .contains("IaikCryptoki", "IaikSession")
                    .containsOnly("IaikCryptoki", "IaikSession");
        }
    }

    private static boolean mentionsTheWrapper(Path file) {
        try {
            String constants = Files.readString(file, StandardCharsets.ISO_8859_1);
            return constants.contains("iaik/pkcs/") || constants.contains("org/xipki/");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
