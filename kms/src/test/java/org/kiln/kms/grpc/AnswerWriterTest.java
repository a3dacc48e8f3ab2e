package org.kiln.kms.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.kiln.auc.v1.Answer;
import org.kiln.auc.v1.Vector;
import org.kiln.kms.aka.AuthenticationVector;

/** Each value in the field that bears its name, and none left behind. */
class AnswerWriterTest {

    private static byte[] octets(int value, int count) {
        byte[] octets = new byte[count];
        Arrays.fill(octets, (byte) value);
        return octets;
    }

    private static ByteString field(int value, int count) {
        return ByteString.copyFrom(octets(value, count));
    }

    private static Vector written(AuthenticationVector vector) throws Exception {
        Answer answer =
                Answer.parseFrom(AnswerWriter.vectors(7, List.of(vector)).getBytes());
        assertThat(answer.getId()).isEqualTo(7);
        assertThat(answer.hasError()).isFalse();
        Vector first = answer.getVectors(0);
        assertThat(first.getRand()).isEqualTo(field(1, 16));
        return first;
    }

    @Test
    void everyKindOfVector() throws Exception {
        byte[] rand = octets(1, 16);
        byte[] autn = octets(2, 16);

        byte[] kc = octets(4, 8);
        Vector gsm = written(new AuthenticationVector.Gsm(rand, octets(3, 4), kc));
        assertThat(gsm.getAutn()).isEqualTo(ByteString.EMPTY);
        assertThat(gsm.getGsm().getSres()).isEqualTo(field(3, 4));
        assertThat(gsm.getGsm().getKc()).isEqualTo(field(4, 8));
        assertThat(kc).containsOnly(0);

        byte[] ck = octets(4, 16);
        Vector umts = written(new AuthenticationVector.Umts(rand, autn, octets(3, 8), ck, octets(5, 16)));
        assertThat(umts.getAutn()).isEqualTo(field(2, 16));
        assertThat(umts.getQuintuplet().getXres()).isEqualTo(field(3, 8));
        assertThat(umts.getQuintuplet().getCk()).isEqualTo(field(4, 16));
        assertThat(umts.getQuintuplet().getIk()).isEqualTo(field(5, 16));
        assertThat(ck).containsOnly(0);

        Vector eps = written(new AuthenticationVector.Eps(rand, autn, octets(3, 8), octets(4, 32)));
        assertThat(eps.getEps().getXres()).isEqualTo(field(3, 8));
        assertThat(eps.getEps().getKasme()).isEqualTo(field(4, 32));

        Vector primed =
                written(new AuthenticationVector.EapAkaPrime(rand, autn, octets(3, 8), octets(4, 16), octets(5, 16)));
        assertThat(primed.getEapAkaPrime().getXres()).isEqualTo(field(3, 8));
        assertThat(primed.getEapAkaPrime().getCkPrime()).isEqualTo(field(4, 16));
        assertThat(primed.getEapAkaPrime().getIkPrime()).isEqualTo(field(5, 16));

        Vector he = written(new AuthenticationVector.FiveGHe(rand, autn, octets(3, 16), octets(4, 32)));
        assertThat(he.getFiveGHe().getXresStar()).isEqualTo(field(3, 16));
        assertThat(he.getFiveGHe().getKausf()).isEqualTo(field(4, 32));

        Vector se = written(new AuthenticationVector.FiveGSe(rand, autn, octets(3, 16), octets(4, 16), octets(5, 32)));
        assertThat(se.getFiveGSe().getXresStar()).isEqualTo(field(3, 16));
        assertThat(se.getFiveGSe().getHxresStar()).isEqualTo(field(4, 16));
        assertThat(se.getFiveGSe().getKseaf()).isEqualTo(field(5, 32));
    }
}
