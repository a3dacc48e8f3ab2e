package org.kiln.pkcs11;

import java.nio.file.Path;

class FfmCryptokiTest extends CryptokiContract {

    @Override
    Cryptoki load(Path module) {
        return FfmCryptoki.load(module);
    }
}
