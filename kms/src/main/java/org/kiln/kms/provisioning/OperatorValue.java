package org.kiln.kms.provisioning;

/**
 * What a row says about OPc or TOPc: the value, the operator's constant, or both.
 *
 * @param wrapped {@code eopc} or {@code etopc}, wrapped; empty if the row has none
 * @param wrappedConstant {@code eop} or {@code etop}, wrapped; empty if the row has none
 * @param operator whose OP constant in the token it is; empty if the row names none
 */
record OperatorValue(byte[] wrapped, byte[] wrappedConstant, String operator) {

    static final OperatorValue NONE = new OperatorValue(new byte[0], new byte[0], "");

    boolean isGiven() {
        return wrapped.length > 0;
    }

    boolean hasConstant() {
        return wrappedConstant.length > 0 || !operator.isEmpty();
    }

    @Override
    public String toString() {
        return "OperatorValue";
    }
}
