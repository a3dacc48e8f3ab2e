package org.kiln.kms.aka;

/** Which vectors are asked for, with the network that they are bound to where they are bound to one. */
public sealed interface VectorKind {

    /**
     * The AMF's separation bit (TS 33.102 Annex H). The AuC sets it as the network that asks requires: 1 in vectors for
     * EPS (TS 33.401 clause 6.1.2), 5G (TS 33.501 clause 6.1.2) and EAP-AKA′ (TS 33.402 clause 6.2), so that a vector
     * which leaks in GSM or UMTS is of no use there; 0 in all others, IMS and GBA in an EPS included, since the vector
     * does not go to an MME. An AMF that a caller states himself is refused if it says otherwise.
     */
    int SEPARATION_BIT = 0x8000;

    /** Whether the separation bit is 1 in these vectors. */
    boolean separated();

    /** The AMF that goes into these vectors, given the subscriber's. */
    default int amf(int subscriberAmf) {
        return separated() ? subscriberAmf | SEPARATION_BIT : subscriberAmf & ~SEPARATION_BIT;
    }

    /**
     * An AMF that the caller states, as it is.
     *
     * @throws AkaException.WrongAmfLength if it is no 16 bits
     * @throws AkaException.WrongSeparationBit if its separation bit is not these vectors'
     */
    default int requireAmf(int stated) {
        if (stated < 0 || stated > 0xffff) {
            throw new AkaException.WrongAmfLength();
        }
        if (((stated & SEPARATION_BIT) != 0) != separated()) {
            throw new AkaException.WrongSeparationBit(separated());
        }
        return stated;
    }

    /**
     * Refuses sizes that these vectors cannot carry (TS 33.102 clause 6.3.7).
     *
     * @throws AkaException.KindNotServed if so
     */
    default void requireCarries(AkaSizes sizes) {
        if (!sizes.fitTs33102()) {
            throw new AkaException.KindNotServed(
                    "these vectors carry a MAC of 64 bits, CK and IK of 128 and a RES of 32 to"
                            + " 128; the subscriber's TUAK has other sizes, with which only UMTS quintuplets can be had");
        }
    }

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
        public boolean separated() {
            return true;
        }
    }

    /**
     * 5G vectors as a SEAF gets them (TS 33.501 clause 6.1.3.2), with HXRES* and KSEAF derived here: for laboratories
     * that have no AUSF.
     *
     * @param servingNetworkName octets of {@code 5G:mnc….mcc….3gppnetwork.org}
     */
    record FiveGSeAka(byte[] servingNetworkName) implements VectorKind {

        public static FiveGSeAka of(String servingNetworkName) {
            return new FiveGSeAka(KeyDerivation.octets(servingNetworkName));
        }

        @Override
        public boolean separated() {
            return true;
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
        public boolean separated() {
            return true;
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
        public boolean separated() {
            return true;
        }
    }

    /** Plain quintuplets of TS 33.102, by the domain that asks. */
    enum UmtsAka implements VectorKind {
        UMTS,
        /** IMS AKA (TS 33.203). */
        IMS,
        /** GBA (TS 33.220). */
        GBA,
        /** EAP-AKA (RFC 4187). */
        EAP_AKA,
        /**
         * With the separation bit, for a 4G core that derives KASME itself, as Osmocom's does over GSUP. TS 33.401 clause
         * 6.1.2 would keep CK and IK in the AuC; an MME that speaks a 3GPP interface gets {@link EpsAka} instead.
         */
        EPS_QUINTUPLET;

        @Override
        public boolean separated() {
            return this == EPS_QUINTUPLET;
        }

        @Override
        public void requireCarries(AkaSizes sizes) {
            if (this != UMTS) {
                VectorKind.super.requireCarries(sizes);
            }
        }
    }

    /** GSM triplets (TS 43.020): a GSM algorithm's own, or converted from UMTS by c2 and c3 (TS 33.102 6.8.1.2). */
    enum GsmAka implements VectorKind {
        GSM;

        @Override
        public boolean separated() {
            return false;
        }

        @Override
        public void requireCarries(AkaSizes sizes) {
            if (sizes.ck() != 16 || sizes.ik() != 16 || sizes.res() > 16) {
                throw new AkaException.KindNotServed(
                        "c2 and c3 (TS 33.102 clause 6.8.1.2) take a RES of up to 128 bits, CK"
                                + " and IK of 128; the subscriber's TUAK has other sizes");
            }
        }
    }
}
