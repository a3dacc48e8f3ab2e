package org.kiln.kms.gsup;

/** Identifiers of GSUP's information elements, each followed by its length in one octet. */
final class GsupElement {

    static final int IMSI = 0x01;
    static final int CAUSE = 0x02;
    static final int AUTH_TUPLE = 0x03;
    static final int MESSAGE_CLASS = 0x0a;
    static final int RAND = 0x20;
    static final int SRES = 0x21;
    static final int KC = 0x22;
    static final int IK = 0x23;
    static final int CK = 0x24;
    static final int AUTN = 0x25;
    static final int AUTS = 0x26;
    static final int RES = 0x27;
    static final int CN_DOMAIN = 0x28;
    static final int CURRENT_RAT_TYPE = 0x2a;
    static final int SESSION_ID = 0x30;
    static final int SESSION_STATE = 0x31;
    static final int SM_RP_MR = 0x40;
    static final int NUM_VECTORS = 0x52;
    static final int SOURCE_NAME = 0x60;
    static final int DESTINATION_NAME = 0x61;

    private GsupElement() {}
}
