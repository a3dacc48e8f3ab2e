package org.kiln.personalisation.demo;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.UUID;
import org.kiln.personalisation.client.ApiClient;

/** A card of the batch in the field: it registers, comes back from another network, and registers again. */
final class Field {

    private static final HexFormat HEX = HexFormat.of();
    private static final String NETWORK = "5G:mnc001.mcc001.3gppnetwork.org";
    private static final long SEQS_ELSEWHERE = 1 << 20;

    private final Story story;
    private final ApiClient client;
    private final SuciMaker phone;
    private final CleartextScan secrets;

    /** @param secrets is told what must not be found in the log */
    Field(Story story, ApiClient client, SuciMaker phone, CleartextScan secrets) {
        this.story = story;
        this.client = client;
        this.phone = phone;
        this.secrets = secrets;
    }

    /** A card of TUAK registers in 5G. */
    void registerTuak(String supi, Usim usim) throws IOException, InterruptedException {
        registerIn5g(usim, authenticate(supi, Map.of()).path("authenticationVector"));
        story.tell("TUAK, K of 256 bits: 5G, AUTN genuine, RES* equals XRES* (computed by the guarded host here)");
    }

    void play(String supi, Usim usim) throws IOException, InterruptedException {
        story.tell(
                "A card of this batch, %s…%s, switches on:", supi.substring(0, 10), supi.substring(supi.length() - 2));
        String suci = phone.conceal(supi.substring("imsi-".length()));
        JsonNode answer = authenticate(suci, Map.of());
        if (!answer.path("supi").asText().equals(supi)) {
            throw new Demo.Failed("the SUCI was resolved to another subscriber");
        }
        registerIn5g(usim, answer.path("authenticationVector"));
        story.tell("5G: known by its SUCI only; AUTN genuine, RES* equals XRES* (Ki in the vendor's token)");
        registerInEps(supi, usim);
        comeBack(supi, usim);
    }

    private JsonNode authenticate(String supiOrSuci, Map<String, Object> more)
            throws IOException, InterruptedException {
        Map<String, Object> body = new HashMap<>(more);
        body.put("servingNetworkName", NETWORK);
        body.put("ausfInstanceId", UUID.randomUUID());
        return client.post("/nudm-ueau/v1/" + supiOrSuci + "/security-information/generate-auth-data", body);
    }

    private void registerIn5g(Usim usim, JsonNode vector) throws IOException {
        byte[] rand = HEX.parseHex(vector.path("rand").asText());
        if (!(challenge(usim, vector) instanceof Usim.Accepted accepted)) {
            throw new Demo.Failed("the card refuses a challenge");
        }
        byte[] xresStar = HEX.parseHex(vector.path("xresStar").asText());
        if (!Arrays.equals(accepted.resStar(NETWORK, rand), xresStar)) {
            throw new Demo.Failed("RES* is not XRES*");
        }
        secrets.add(xresStar);
        secrets.add(HEX.parseHex(vector.path("kausf").asText()));
    }

    private void registerInEps(String supi, Usim usim) throws IOException, InterruptedException {
        JsonNode vectors = client.post(
                        "/nudm-ueau/v1/" + supi + "/hss-security-information/eps-aka/generate-av",
                        Map.of(
                                "hssAuthType",
                                "EPS_AKA",
                                "numOfRequestedVectors",
                                5,
                                "servingNetworkId",
                                Map.of("mcc", "001", "mnc", "01")))
                .path("hssAuthenticationVectors");
        int good = 0;
        for (JsonNode vector : vectors) {
            byte[] xres = HEX.parseHex(vector.path("xres").asText());
            if (!(challenge(usim, vector) instanceof Usim.Accepted accepted) || !Arrays.equals(accepted.res(), xres)) {
                throw new Demo.Failed("the card refuses a challenge, or RES is not XRES");
            }
            secrets.add(xres);
            secrets.add(HEX.parseHex(vector.path("kasme").asText()));
            good++;
        }
        story.tell("EPS: %d vectors, each genuine and fresh, RES equals XRES", good);
    }

    private void comeBack(String supi, Usim usim) throws IOException, InterruptedException {
        usim.roam(SEQS_ELSEWHERE);
        JsonNode stale = authenticate(supi, Map.of()).path("authenticationVector");
        if (!(challenge(usim, stale) instanceof Usim.SynchronisationFailure(byte[] auts))) {
            throw new Demo.Failed("the card takes a sequence number that it must not");
        }
        Map<String, Object> failure = Map.of(
                "resynchronizationInfo", Map.of("rand", stale.path("rand").asText(), "auts", HEX.formatHex(auts)));
        registerIn5g(usim, authenticate(supi, failure).path("authenticationVector"));
        story.tell("back from another network: synchronisation failure, AUTS checked in the token, registered again");
    }

    private static Usim.Answer challenge(Usim usim, JsonNode vector) {
        Usim.Answer answer = usim.challenge(
                HEX.parseHex(vector.path("rand").asText()),
                HEX.parseHex(vector.path("autn").asText()));
        if (answer instanceof Usim.MacFailure) {
            throw new Demo.Failed("the card says: MAC failure");
        }
        return answer;
    }
}
