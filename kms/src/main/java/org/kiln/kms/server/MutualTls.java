package org.kiln.kms.server;

import io.vertx.core.http.ClientAuth;
import io.vertx.core.net.JdkSSLEngineOptions;
import io.vertx.core.net.KeyCertOptions;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.net.PemTrustOptions;
import java.util.Set;
import org.kiln.kms.keys.KeyLabels;
import org.kiln.token.JcaToken;

/** TLS as every listener of a node has it: 1.3, the server's key in the token, a client certificate required. */
final class MutualTls {

    private MutualTls() {}

    static void require(NetServerOptions options, JcaToken token, DataFolder folder) {
        options.setSsl(true)
                .setClientAuth(ClientAuth.REQUIRED)
                .setKeyCertOptions(KeyCertOptions.wrap(new TokenKeyManager(token, KeyLabels.TLS_SERVER)))
                .setTrustOptions(new PemTrustOptions()
                        .addCertPath(folder.pki().resolve("ca.pem").toString()))
                .setEnabledSecureTransportProtocols(Set.of("TLSv1.3"))
                .setSslEngineOptions(new JdkSSLEngineOptions().setUseWorkerThread(true));
    }
}
