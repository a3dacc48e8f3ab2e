package org.kiln.kms.aka;

/** What f1 to f5 gave for some challenges, wherever they were computed. */
public sealed interface AkaOutputs permits Milenage, AkaBuffer {

    AkaSizes sizes();

    /** f5: AK of challenge {@code i}, 48 bits. */
    long ak(int i);

    /** f1: copies MAC-A of challenge {@code i}. */
    void copyMacA(int i, byte[] target, int at);

    /** f2: copies RES of challenge {@code i}. */
    void copyRes(int i, byte[] target, int at);

    /** f3: copies CK of challenge {@code i}. */
    void copyCk(int i, byte[] target, int at);

    /** f4: copies IK of challenge {@code i}. */
    void copyIk(int i, byte[] target, int at);

    /** Overwrites every result. */
    void wipe();
}
