package org.kiln.kms.server;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** A data folder, configured by hand, for a scratch token of this JVM. */
public final class ScratchFolder {

    private ScratchFolder() {}

    /** Writes a configuration with every default but these: the token, the PIN files, no SoftHSM folder. */
    public static DataFolder create(Path root, String tokenLabel) throws Exception {
        Files.createDirectories(root.resolve("pins"));
        Files.writeString(root.resolve("pins/user.pin"), "user-12345678");
        Files.writeString(root.resolve("pins/so.pin"), "so-12345678");
        DataFolder folder = new DataFolder(root);
        try (var defaults = KilnConfiguration.class.getResourceAsStream("/kiln-default.yaml")) {
            Files.write(folder.configuration(), defaults.readAllBytes());
        }
        change(folder, "token: kiln", "token: " + tokenLabel);
        change(folder, "softhsm: hsm", "softhsm: \"\"");
        return folder;
    }

    /** Replaces a setting, which must be there. */
    public static KilnConfiguration change(DataFolder folder, String setting, String other) throws Exception {
        String text = Files.readString(folder.configuration(), StandardCharsets.UTF_8);
        if (!text.contains(setting)) {
            throw new IllegalArgumentException("no setting " + setting);
        }
        Files.writeString(folder.configuration(), text.replace(setting, other));
        return KilnConfiguration.read(folder.configuration());
    }
}
