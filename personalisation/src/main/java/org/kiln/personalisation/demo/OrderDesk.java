package org.kiln.personalisation.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import org.kiln.kms.cli.Progress;
import org.kiln.personalisation.client.ApiClient;

/** What people do with orders over the API: the operator's two, and the vendor. */
final class OrderDesk {

    private static final String API = "/personalisation/v1";
    private static final String ORDERS = API + "/orders";
    private static final int POLL_MS = 100;

    private final Path orderFile;
    private final ApiClient operator;
    private final ApiClient approver;
    private final ApiClient vendor;

    /** @param orderFile beside which the profiles and ranges lie */
    OrderDesk(Path orderFile, ApiClient operator, ApiClient approver, ApiClient vendor) {
        this.orderFile = orderFile;
        this.operator = operator;
        this.approver = approver;
        this.vendor = vendor;
    }

    /** Has a profile published, unless an earlier demo has; returns its name and version. */
    String publish(String profileFile) throws IOException, InterruptedException {
        JsonNode profile = operator.post(API + "/profiles", yaml(profileFile));
        String version = profile.path("profile").path("name").asText() + "/"
                + profile.path("version").asText();
        if (profile.path("state").asText().equals("DRAFT")) {
            approver.act(API + "/profiles/" + version + "/publish");
        }
        return version;
    }

    /** Enters ranges of numbers; those of an earlier demo stay as they are. */
    void addRanges(String file) throws IOException, InterruptedException {
        for (JsonNode range : yaml(file)) {
            operator.post(API + "/number-ranges", range);
        }
    }

    private JsonNode yaml(String name) throws IOException {
        return new ObjectMapper(new YAMLFactory()).readTree(Files.readString(orderFile.resolveSibling(name)));
    }

    /** The vendor orders, a second person approves, and everybody waits; returns the order's number. */
    String order(ObjectNode order) throws IOException, InterruptedException {
        order.put("idempotencyKey", "demo-" + UUID.randomUUID());
        JsonNode requested = vendor.post(ORDERS, order);
        String id = requested.path("id").asText();
        approver.act(ORDERS + "/" + id + "/approve");
        try (Progress progress =
                new Progress("cards", "cards", requested.path("quantity").asLong())) {
            vendor.watch(
                    ORDERS + "/" + id + "/progress",
                    event -> progress.reach(event.path("made").asLong()));
        }
        require(id, "READY");
        return id;
    }

    void fetch(String id, Path file) throws IOException, InterruptedException {
        vendor.download(ORDERS + "/" + id + "/files/" + VendorSide.NAME, file);
    }

    /** The vendor's signed answer is handed in; waits until the subscribers are served. */
    void acknowledge(String id, byte[] answer) throws IOException, InterruptedException {
        vendor.send(
                "POST",
                ORDERS + "/" + id + "/files/" + VendorSide.NAME + "/acknowledgement",
                "application/cms",
                answer);
        while (state(id).equals("ACKNOWLEDGED")) {
            Thread.sleep(POLL_MS);
        }
        require(id, "ACTIVE");
    }

    /** Closes an order; returns what is held of it then. */
    JsonNode close(String id) throws IOException, InterruptedException {
        approver.act(ORDERS + "/" + id + "/close");
        return approver.get(ORDERS + "/" + id + "/holdings");
    }

    private String state(String id) throws IOException, InterruptedException {
        return approver.get(ORDERS + "/" + id).path("state").asText();
    }

    private void require(String id, String wanted) throws IOException, InterruptedException {
        String state = state(id);
        if (!state.equals(wanted)) {
            throw new Demo.Failed("order " + id + " is " + state + ", not " + wanted + "; see the log");
        }
    }
}
