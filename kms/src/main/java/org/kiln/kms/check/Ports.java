package org.kiln.kms.check;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;

/** Whether a node could listen where it is told to. */
final class Ports {

    private final Findings findings;
    private final boolean serving;

    /** @param serving whether a node serves from this folder now */
    Ports(Findings findings, boolean serving) {
        this.findings = findings;
        this.serving = serving;
    }

    void listener(String subject, String host, int port) {
        String place = host + ":" + port;
        InetSocketAddress address = new InetSocketAddress(host, port);
        if (address.isUnresolved()) {
            findings.error(subject, host + " is not known", "name an address of this machine");
            return;
        }
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(address);
            findings.ok(subject, port == 0 ? place + ", any free port" : place + " is free");
        } catch (UnknownHostException e) {
            findings.error(subject, host + " is not known", "name an address of this machine");
        } catch (IOException e) {
            if (serving) {
                findings.warn(subject, place + " is taken, by the node that runs, it seems", "");
            } else {
                findings.error(
                        subject,
                        place + " cannot be had: " + e.getMessage(),
                        "stop the program that has it, or choose another");
            }
        }
    }
}
