package org.kiln.kms.gsup;

import io.vertx.core.buffer.Buffer;

/**
 * What one IPA frame carries. A frame is the length of what it carries in two octets, the protocol in one, then that many
 * octets; the protocol {@code OSMO} has a second octet, which says which of its protocols follows.
 */
sealed interface IpaFrame {

    /** Octets before what a frame carries. */
    int HEADER = 3;

    /** The most octets that a peer may send in a frame; GSUP's longest messages, those of a handover, have some 600. */
    int LARGEST = 2048;

    int PROTOCOL_CCM = 0xfe;
    int PROTOCOL_OSMO = 0xee;
    int EXTENSION_GSUP = 0x05;

    /** Link control. */
    record Ccm(int type) implements IpaFrame {

        static final int PING = 0x00;
        static final int PONG = 0x01;
        static final int ID_GET = 0x04;
        static final int ID_ACK = 0x06;

        /** Every identity that a peer can be asked for, a length of one octet before each. */
        private static final byte[] ALL_IDENTITIES = {1, 8, 1, 7, 1, 2, 1, 3, 1, 4, 1, 5, 1, 1, 1, 0};

        /** A frame of this type and nothing else. */
        static Buffer of(int type) {
            return frame(type, new byte[0]);
        }

        /** Asks a peer who he is. */
        static Buffer askIdentity() {
            return frame(ID_GET, ALL_IDENTITIES);
        }

        private static Buffer frame(int type, byte[] rest) {
            return Buffer.buffer()
                    .appendUnsignedShort(1 + rest.length)
                    .appendByte((byte) PROTOCOL_CCM)
                    .appendByte((byte) type)
                    .appendBytes(rest);
        }
    }

    /** A GSUP message: its type in one octet, then its elements. */
    record Gsup(byte[] message) implements IpaFrame {

        @Override
        public String toString() {
            return "Gsup";
        }
    }
}
