package org.kiln.kms.aka;

/** Which vectors are asked for, with the network that they are bound to where they are bound to one. */
public sealed interface VectorKind {

    /** The AMF's separation bit (TS 33.102 Annex H): set for EPS and 5G, clear elsewhere. */
    int SEPARATION_BIT = 0x8000;

    /** The AMF that goes into these vectors, given the subscriber's. */
    int amf(int subscriberAmf);

    /**
     * 5G home-environment vectors (TS 33.501 clause 6.1.3.2).
     *
     * @param servingNetworkName octets of {@code 5G:mnc….mcc….3gppnetwork.org}
     */
    record FiveGHeAka(byte[] servingNetworkName) implements VectorKind {

        public static FiveGHeAka of(String servingNetworkName) {
            return new FiveGHeAka(KeyDerivation.octets(servingNetworkName));
        }

        @Override
        public int amf(int subscriberAmf) {
            return subscriberAmf | SEPARATION_BIT;
        }
    }

    /**
     * EPS vectors (TS 33.401 clause 6.1.2).
     *
     * @param servingNetworkId the PLMN in three octets
     */
    record EpsAka(byte[] servingNetworkId) implements VectorKind {

        public static EpsAka of(PlmnId plmn) {
            return new EpsAka(plmn.octets());
        }

        @Override
        public int amf(int subscriberAmf) {
            return subscriberAmf | SEPARATION_BIT;
        }
    }

    /**
     * EAP-AKA′ vectors (RFC 9048, TS 33.402).
     *
     * @param accessNetworkName octets of the access or serving network's name
     */
    record EapAkaPrime(byte[] accessNetworkName) implements VectorKind {

        public static EapAkaPrime of(String accessNetworkName) {
            return new EapAkaPrime(KeyDerivation.octets(accessNetworkName));
        }

        @Override
        public int amf(int subscriberAmf) {
            return subscriberAmf | SEPARATION_BIT;
        }
    }

    /** Plain quintuplets of TS 33.102: UMTS, IMS, GBA and EAP-AKA. */
    enum UmtsAka implements VectorKind {
        UMTS;

        @Override
        public int amf(int subscriberAmf) {
            return subscriberAmf & ~SEPARATION_BIT;
        }
    }
}
