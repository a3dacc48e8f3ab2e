package org.kiln.kms.aka;

import java.lang.foreign.MemorySegment;
import java.util.HexFormat;

/** A USIM with TUAK: reads vectors and makes AUTS, knowing K and TOPc. */
public final class TestTuakCard {

    private final Tuak tuak = new Tuak(Native.zeros(Tuak.WORKSPACE));
    private final TuakParameters parameters;
    private final MemorySegment k;
    private final MemorySegment topc;

    public TestTuakCard(TuakParameters parameters, byte[] k, byte[] topc) {
        this.parameters = parameters;
        this.k = Native.of(k);
        this.topc = Native.of(topc);
    }

    /** What f1 to f5 give for a challenge. */
    public AkaBuffer answer(byte[] rand, long sqn, int amf) {
        AkaBuffer out = new AkaBuffer();
        tuak.with(parameters).compute(k, topc, Native.of(rand), sqn, amf, out, 0);
        return out;
    }

    /** The SQN of a vector whose MAC is right; -1 if it is not. */
    public long sqn(AuthenticationVector vector) {
        String autn = HexFormat.of().formatHex(vector.autn());
        int amf = HexFormat.fromHexDigits(autn, 12, 16);
        long sqn = HexFormat.fromHexDigitsToLong(autn, 0, 12)
                ^ answer(vector.rand(), 0, amf).ak(0);
        return Native.hex(answer(vector.rand(), sqn, amf).mac(0)).equals(autn.substring(16)) ? sqn : -1;
    }

    /** The AUTS with which the card refuses a challenge. */
    public byte[] auts(byte[] rand, long sqnMs) {
        MemorySegment macS = Native.zeros(parameters.sizes().mac());
        long akStar = tuak.with(parameters).resynchronise(k, topc, Native.of(rand), 0, macS);
        tuak.resynchronise(k, topc, Native.of(rand), sqnMs ^ akStar, macS);
        return HexFormat.of().parseHex(HexFormat.of().toHexDigits(sqnMs ^ akStar, 12) + Native.hex(macS));
    }
}
