package org.kiln.kms.server;

import java.nio.file.Path;

/** Where a node keeps its things, below one folder. */
public record DataFolder(Path root) {

    public DataFolder {
        root = root.toAbsolutePath().normalize();
    }

    public Path configuration() {
        return root.resolve("kiln.yaml");
    }

    public Path database() {
        return root.resolve("kiln.db");
    }

    /** Whose a copy of the database is that was made ahead of its move. */
    Path aheadMark() {
        return root.resolve("kiln.db.ahead");
    }

    /** Laboratory certificates: the authority, the signing certificate, clients. */
    public Path pki() {
        return root.resolve("pki");
    }

    /** The certificate with which recipients check Kiln's files. */
    public Path signingCertificate() {
        return pki().resolve("signing.pem");
    }

    /** Output files of batches. */
    public Path batches() {
        return root.resolve("batches");
    }

    /** Held by the one process that serves from this folder. */
    public Path serverLock() {
        return root.resolve("server.lock");
    }

    /** A path of the configuration, relative to this folder unless it is absolute. */
    public Path resolve(String configured) {
        return root.resolve(configured);
    }
}
