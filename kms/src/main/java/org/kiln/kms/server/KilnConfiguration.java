package org.kiln.kms.server;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.kiln.kms.access.AccessRules;
import org.kiln.kms.access.CallerRule;
import org.kiln.kms.access.ScanLimit;
import org.kiln.kms.aka.AkaException;
import org.kiln.kms.auc.SubscriberWatch;
import org.kiln.kms.keys.KekPlace;
import org.kiln.kms.keys.OneTimeKeys;
import org.kiln.kms.oauth2.NrfKey;
import org.kiln.kms.oauth2.NrfKeyException;
import org.kiln.kms.oauth2.TokenTrust;
import org.kiln.kms.seat.SeatNumbers;
import org.kiln.kms.store.StoreLocation;
import org.kiln.kms.subscriber.Algorithm;
import org.kiln.kms.subscriber.AlgorithmCatalogue;
import org.kiln.kms.subscriber.AlgorithmText;
import org.kiln.kms.subscriber.EngineChoice;
import org.kiln.pkcs11.Binding;
import org.kiln.secret.Secret;
import org.kiln.secret.SecretAccess;
import org.kiln.secret.SecretEnvironment;
import org.kiln.transfer.numbering.Supi;

/**
 * {@code kiln.yaml}. Every setting is written out, with its comment, in the file that {@code kiln init} makes.
 *
 * @param approvals a section that a file may leave out: then nobody is asked a second time
 * @param tls a section that a file may leave out: then {@link Tls#USUAL}
 * @param oauth2 a section that a file may leave out
 * @param identities another
 * @param anomalies another: then {@link Anomalies#USUAL}
 * @param store another; without it the database is SQLite's, in the data folder
 * @param site another; without it the nodes have all numbers
 */
@JsonIgnoreProperties({"oauth2", "identities", "store", "tls", "approvals", "site", "anomalies"})
public record KilnConfiguration(
        String operator,
        Hsm hsm,
        Listener https,
        Listener lab,
        Gsup gsup,
        Auc auc,
        List<CallerRule> callers,
        Personalisation personalisation,
        Tls tls,
        Optional<OAuth2> oauth2,
        Optional<Identities> identities,
        Optional<Store> store,
        Optional<Approvals> approvals,
        Optional<Site> site,
        Anomalies anomalies) {

    @JsonCreator
    private static KilnConfiguration of(
            @JsonProperty("operator") String operator,
            @JsonProperty("hsm") Hsm hsm,
            @JsonProperty("https") Listener https,
            @JsonProperty("lab") Listener lab,
            @JsonProperty("gsup") Gsup gsup,
            @JsonProperty("auc") Auc auc,
            @JsonProperty("callers") List<CallerRule> callers,
            @JsonProperty("personalisation") Personalisation personalisation) {
        return new KilnConfiguration(
                operator,
                hsm,
                https,
                lab,
                gsup,
                auc,
                callers,
                personalisation,
                Tls.USUAL,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Anomalies.USUAL);
    }

    public KilnConfiguration {
        callers = List.copyOf(callers);
        Object _ = new AccessRules(callers);
        SeatNumbers numbers = numbers(site, auc.nodes());
        require(
                numbers.contains(auc.node()),
                "auc.node is " + numbers.first() + " to " + (numbers.first() + numbers.count() - 1) + " at this site");
    }

    /** The sections that a file may leave out, of which {@link #read} takes nothing else. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    private static final class OptionalSections {
        @JsonProperty
        private @Nullable OptionalHsm hsm;

        @JsonProperty
        private @Nullable Tls tls;

        @JsonProperty
        private @Nullable OAuth2 oauth2;

        @JsonProperty
        private @Nullable Identities identities;

        @JsonProperty
        private @Nullable Store store;

        @JsonProperty
        private @Nullable Approvals approvals;

        @JsonProperty
        private @Nullable Site site;

        @JsonProperty
        private @Nullable Anomalies anomalies;
    }

    /** What the section {@code hsm} may leave out. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    private static final class OptionalHsm {
        @JsonProperty
        private @Nullable KekPlace kek;
    }

    private KilnConfiguration with(OptionalSections read) {
        return new KilnConfiguration(
                operator,
                read.hsm == null
                        ? hsm
                        : hsm.with(Optional.ofNullable(read.hsm.kek).orElse(hsm.kek())),
                https,
                lab,
                gsup,
                auc,
                callers,
                personalisation,
                Optional.ofNullable(read.tls).orElse(tls),
                Optional.ofNullable(read.oauth2),
                Optional.ofNullable(read.identities),
                Optional.ofNullable(read.store),
                Optional.ofNullable(read.approvals),
                Optional.ofNullable(read.site),
                Optional.ofNullable(read.anomalies).orElse(anomalies));
    }

    /** The numbers among which this node's is. */
    public SeatNumbers seatNumbers() {
        return numbers(site, auc.nodes());
    }

    private static SeatNumbers numbers(Optional<Site> site, int nodes) {
        return site.map(one -> one.numbers(nodes)).orElseGet(() -> SeatNumbers.all(nodes));
    }

    /** The same, with its listeners elsewhere. */
    public KilnConfiguration listening(Listener newHttps, Listener newLab) {
        return new KilnConfiguration(
                operator,
                hsm,
                newHttps,
                newLab,
                gsup,
                auc,
                callers,
                personalisation,
                tls,
                oauth2,
                identities,
                store,
                approvals,
                site,
                anomalies);
    }

    private static final ObjectMapper YAML = JsonMapper.builder(new YAMLFactory())
            .enable(MapperFeature.ACCEPT_CASE_INSENSITIVE_ENUMS)
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
            .build();

    /**
     * How the token is reached.
     *
     * @param profile name of a token profile, or the path of a site's own, which ends in {@code .yaml}
     * @param module the PKCS#11 module, or {@code auto} for the profile's usual places
     * @param binding how Java calls the module
     * @param token the token's label
     * @param softhsm folder of {@code softhsm2.conf}; empty for other families
     * @param environment variables that the module wants
     * @param lanes sessions that work at the same time
     * @param queue tasks that may wait for each lane
     * @param deadlineMillis how long one call of the token may last
     * @param userPinFile where the user's PIN is, unless the environment has it
     * @param soPinFile where the security officer's PIN is, for ceremonies
     * @param cluster more tokens that hold the same keys
     * @param kek where the storage key is that a Ki is unwrapped under; a file may leave it out: then in the token
     */
    @JsonIgnoreProperties("kek")
    public record Hsm(
            String profile,
            String module,
            Binding binding,
            String token,
            String softhsm,
            Map<String, String> environment,
            int lanes,
            int queue,
            int deadlineMillis,
            String userPinFile,
            String soPinFile,
            List<Member> cluster,
            KekPlace kek) {

        @JsonCreator
        private static Hsm of(
                @JsonProperty("profile") String profile,
                @JsonProperty("module") String module,
                @JsonProperty("binding") Binding binding,
                @JsonProperty("token") String token,
                @JsonProperty("softhsm") String softhsm,
                @JsonProperty("environment") Map<String, String> environment,
                @JsonProperty("lanes") int lanes,
                @JsonProperty("queue") int queue,
                @JsonProperty("deadlineMillis") int deadlineMillis,
                @JsonProperty("userPinFile") String userPinFile,
                @JsonProperty("soPinFile") String soPinFile,
                @JsonProperty("cluster") List<Member> cluster) {
            return new Hsm(
                    profile,
                    module,
                    binding,
                    token,
                    softhsm,
                    environment,
                    lanes,
                    queue,
                    deadlineMillis,
                    userPinFile,
                    soPinFile,
                    cluster,
                    KekPlace.TOKEN);
        }

        public Hsm {
            require(lanes >= 1 && lanes <= 256, "hsm.lanes is 1 to 256");
            require(queue >= 16 && queue <= 1 << 20, "hsm.queue is 16 to 1048576");
            require(deadlineMillis >= 100 && deadlineMillis <= 600_000, "hsm.deadlineMillis is 100 to 600000");
            environment = Map.copyOf(environment);
            cluster = List.copyOf(cluster);
            require(
                    kek == KekPlace.TOKEN || cluster.isEmpty(),
                    "hsm.kek is 'token' where hsm.cluster has tokens, for no other token has a laboratory's unlocked key");
        }

        private Hsm with(KekPlace place) {
            return new Hsm(
                    profile,
                    module,
                    binding,
                    token,
                    softhsm,
                    environment,
                    lanes,
                    queue,
                    deadlineMillis,
                    userPinFile,
                    soPinFile,
                    cluster,
                    place);
        }

        /**
         * Checks what can be checked before anything is opened.
         *
         * @throws ConfigurationException if a storage key is to be in sessions and this is no laboratory
         */
        public void requireLockedKek(boolean laboratory) {
            if (kek == KekPlace.SESSION && !laboratory) {
                throw new ConfigurationException(
                        "hsm.kek is 'session', which needs an unlocked storage key in the token, and whoever has the"
                                + " user's PIN can read every Ki with it: set it to 'token', or start the laboratory with"
                                + " --lab");
            }
        }
    }

    /**
     * One more token that holds the same keys.
     *
     * @param token its label
     * @param module its PKCS#11 module, or {@code same}
     * @param environment variables that its module wants
     * @param userPinFile where its user's PIN is
     */
    public record Member(String token, String module, Map<String, String> environment, String userPinFile) {

        public Member {
            environment = Map.copyOf(environment);
        }
    }

    /** Where a listener binds; port 0 picks a free one. */
    public record Listener(String host, int port) {

        public Listener {
            require(port >= 0 && port <= 65_535, "a port is 0 to 65535");
        }

        public Listener withPort(int newPort) {
            return new Listener(host, newPort);
        }
    }

    /**
     * TLS of every listener; see {@link ListenerTls}. Files are read anew when they change.
     *
     * @param versions {@code TLSv1.3}, and {@code TLSv1.2} for peers that know nothing else
     * @param authorities PEM file of the authorities that certify callers
     * @param crl file of their revocation lists, PEM or DER; empty if they have none
     * @param certificate PEM file of the server's certificate and those between it and its root; empty for the token's own
     */
    public record Tls(Set<String> versions, String authorities, String crl, String certificate) {

        /** What holds without the section. */
        public static final Tls USUAL = new Tls(Set.of("TLSv1.3"), "pki/ca.pem", "", "");

        public Tls {
            versions = Set.copyOf(versions);
            require(
                    versions.contains("TLSv1.3") && Set.of("TLSv1.3", "TLSv1.2").containsAll(versions),
                    "tls.versions has TLSv1.3, and perhaps TLSv1.2");
            require(!authorities.isEmpty(), "tls.authorities names the file of those who certify callers");
        }
    }

    /**
     * That two people are asked before keys move, roles change or subscribers are exported.
     *
     * @param hours from the request until the act is done, at most
     */
    public record Approvals(int hours) {

        public Approvals {
            require(hours >= 1 && hours <= 720, "approvals.hours is 1 to 720");
        }
    }

    /**
     * When requests for vectors look like abuse.
     *
     * @param windowSeconds in which is counted
     * @param requestsOfOneSubscriber more are told of; 0 to count none
     * @param unknownSubscribersOfOneCaller different ones, at which he is taken to go through numbers; 0 to count none
     * @param lockOutSeconds for how long nothing of his is served then; 0 to tell of it only
     */
    public record Anomalies(
            int windowSeconds, int requestsOfOneSubscriber, int unknownSubscribersOfOneCaller, int lockOutSeconds) {

        /** What holds without the section. */
        public static final Anomalies USUAL = new Anomalies(60, 600, 1_000, 300);

        private static final int MOST = 1_000_000;

        public Anomalies {
            require(windowSeconds >= 1 && windowSeconds <= 86_400, "anomalies.windowSeconds is 1 to 86400");
            require(
                    requestsOfOneSubscriber >= 0 && requestsOfOneSubscriber <= MOST,
                    "anomalies.requestsOfOneSubscriber is 0 to " + MOST);
            require(
                    unknownSubscribersOfOneCaller >= 0 && unknownSubscribersOfOneCaller <= MOST,
                    "anomalies.unknownSubscribersOfOneCaller is 0 to " + MOST);
            require(lockOutSeconds >= 0 && lockOutSeconds <= 86_400, "anomalies.lockOutSeconds is 0 to 86400");
        }

        /** When a caller is taken to go through numbers. */
        public Optional<ScanLimit> scanLimit() {
            return unknownSubscribersOfOneCaller == 0
                    ? Optional.empty()
                    : Optional.of(new ScanLimit(
                            unknownSubscribersOfOneCaller,
                            Duration.ofSeconds(windowSeconds),
                            Duration.ofSeconds(lockOutSeconds)));
        }

        SubscriberWatch subscriberWatch(Consumer<Supi> alarm) {
            return new SubscriberWatch(requestsOfOneSubscriber, windowSeconds, alarm);
        }
    }

    /**
     * What two people approve of a configuration: SHA-256 of {@code callers} and {@code approvals} as they are in the file, in
     * whatever order and layout.
     *
     * @throws ConfigurationException if the file is no configuration
     */
    public static String rolesDigest(Path file) {
        read(file);
        try {
            JsonNode whole = YAML.readTree(Files.readString(file));
            Map<String, Object> sections = new TreeMap<>();
            for (String section : List.of("callers", "approvals")) {
                sections.put(section, YAML.convertValue(whole.path(section), Object.class));
            }
            byte[] canonical = JsonMapper.builder()
                    .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
                    .build()
                    .writeValueAsBytes(sections);
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(canonical));
        } catch (IOException e) {
            throw new ConfigurationException("the configuration " + file + " cannot be read: " + e.getMessage(), e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * One of several sites that each have a database of their own and serve the same subscribers: its nodes have a part of the
     * numbers, and so of the values of IND, that no other site's have.
     *
     * @param number this site's, from 0
     * @param of how many sites there are; {@code auc.nodes} is a multiple of it, and the same at all of them
     */
    public record Site(int number, int of) {

        public Site {
            require(of >= 2 && of <= 32, "site.of is 2 to 32");
            require(number >= 0 && number < of, "site.number is 0 to site.of - 1");
        }

        SeatNumbers numbers(int nodes) {
            require(
                    nodes % of == 0,
                    "auc.nodes is a multiple of site.of, for it counts the nodes of all sites, which have equally many");
            return SeatNumbers.ofSite(number, of, nodes);
        }
    }

    /**
     * Where an Osmocom core asks for vectors; see {@link GsupListener}.
     *
     * @param tls whether peers need TLS and a certificate of the configured authority
     */
    public record Gsup(boolean enabled, String host, int port, boolean tls) {

        public Gsup {
            require(port >= 0 && port <= 65_535, "gsup.port is 0 to 65535");
        }
    }

    /**
     * The personalisation centre.
     *
     * @param keepFilesDays how long a file is kept that nobody acknowledges
     * @param masters the token with master keys, or none
     */
    public record Personalisation(int keepFilesDays, List<Member> masters) {

        public Personalisation {
            masters = List.copyOf(masters);
            require(masters.size() <= 1, "personalisation.masters has one token, or none");
            require(keepFilesDays >= 1 && keepFilesDays <= 3650, "personalisation.keepFilesDays is 1 to 3650");
        }
    }

    /**
     * The authentication centre.
     *
     * @param node this node's number, from 0
     * @param nodes how many nodes share the database
     * @param activeSubscribers subscribers whose keys are kept in use
     * @param guardedHost algorithms whose Ki the host may read for a call; {@value #KEY_BLOCKS} for the keys in X9.143 key
     *     blocks
     * @param vendorMechanisms algorithms that the token's own mechanisms compute
     * @param algorithmProfiles algorithms with the operator's own choices, by the name that load files use
     */
    public record Auc(
            int node,
            int nodes,
            int activeSubscribers,
            Set<String> guardedHost,
            Set<String> vendorMechanisms,
            Map<String, String> algorithmProfiles) {

        /** What {@link #guardedHost} calls key blocks of ANSI X9.143. */
        public static final String KEY_BLOCKS = EngineChoice.KEY_BLOCKS;

        private static final Set<String> FOR_THE_HOST = Set.of("tuak", "comp128-1", "comp128-2", "comp128-3");
        private static final Set<String> FOR_THE_TOKEN = Set.of("milenage", "tuak");

        public Auc {
            require(nodes >= 1 && nodes <= 32, "auc.nodes is 1 to 32");
            require(node >= 0 && node < nodes, "auc.node is 0 to auc.nodes - 1");
            require(
                    activeSubscribers >= 1 && activeSubscribers <= 10_000_000,
                    "auc.activeSubscribers is 1 to 10000000");
            guardedHost = Set.copyOf(guardedHost);
            vendorMechanisms = Set.copyOf(vendorMechanisms);
            algorithmProfiles = Map.copyOf(algorithmProfiles);
            require(
                    guardedHost.stream().allMatch(each -> FOR_THE_HOST.contains(each) || each.equals(KEY_BLOCKS)),
                    "auc.guardedHost lists tuak, comp128-1, comp128-2, comp128-3, key-blocks or nothing");
            require(
                    FOR_THE_TOKEN.containsAll(vendorMechanisms),
                    "auc.vendorMechanisms lists milenage, tuak or nothing");
            algorithmProfiles.forEach((name, text) -> {
                require(name.matches("[A-Za-z][A-Za-z0-9._-]{0,40}"), "a name in auc.algorithmProfiles is a word");
                require(
                        !FOR_THE_HOST.contains(name) && !name.equals("milenage") && !name.equals("xor"),
                        "'" + name + "' in auc.algorithmProfiles is an algorithm's own name");
                algorithm(name, text);
            });
        }

        private static Algorithm algorithm(String name, String text) {
            try {
                return AlgorithmText.parse(text);
            } catch (AkaException e) {
                throw new IllegalArgumentException("auc.algorithmProfiles." + name + ": " + e.getMessage(), e);
            }
        }

        /** @throws ConfigurationException unless the host may hold the keys in key blocks of ANSI X9.143 */
        public void requireKeyBlocks() {
            if (!guardedHost.contains(KEY_BLOCKS)) {
                throw new ConfigurationException(
                        "a key in a key block is in this host's memory while the block is made or"
                                + " opened, which auc.guardedHost in kiln.yaml does not allow: list " + KEY_BLOCKS
                                + " there if your security officer does (docs/security-model.md)");
            }
        }

        /** Which engine serves which subscriber. */
        public EngineChoice engines(boolean laboratory) {
            return new EngineChoice(vendorMechanisms, guardedHost, laboratory);
        }

        /** The algorithms that a load file may name. */
        public AlgorithmCatalogue catalogue(boolean laboratory) {
            Map<String, Algorithm> profiles = algorithmProfiles.entrySet().stream()
                    .collect(Collectors.toMap(Map.Entry::getKey, each -> algorithm(each.getKey(), each.getValue())));
            return new AlgorithmCatalogue(engines(laboratory), profiles);
        }
    }

    /**
     * Whose access tokens stand for a client certificate; see {@link TokenTrust}.
     *
     * @param issuer the NRF's instance id
     * @param audience what this node is called in tokens: its NF instance id, its NF types
     * @param clockSkewSeconds by how much the NRF's clock may differ
     */
    public record OAuth2(String issuer, List<String> audience, int clockSkewSeconds, List<Key> keys) {

        public OAuth2 {
            require(!issuer.isBlank(), "oauth2.issuer is the NRF's instance id");
            require(clockSkewSeconds >= 0 && clockSkewSeconds <= 300, "oauth2.clockSkewSeconds is 0 to 300");
            audience = List.copyOf(audience);
            keys = List.copyOf(keys);
            require(!audience.isEmpty(), "oauth2.audience names this node's NF instance id, its NF types, or both");
            require(!keys.isEmpty(), "oauth2.keys lists at least one key of the NRF's");
            List<String> kids =
                    keys.stream().map(Key::kid).filter(kid -> !kid.isEmpty()).toList();
            require(Set.copyOf(kids).size() == kids.size(), "oauth2.keys has a kid twice");
        }

        /**
         * A key of the NRF's.
         *
         * @param kid what tokens name it by; empty if the NRF's tokens bear no kid
         * @param file PEM of a public key or a certificate
         */
        public record Key(String kid, String file) {}

        /** @throws ConfigurationException naming the file of a key that cannot be used */
        TokenTrust trust(DataFolder folder) {
            try {
                return new TokenTrust(
                        issuer,
                        Set.copyOf(audience),
                        Duration.ofSeconds(clockSkewSeconds),
                        keys.stream()
                                .map(key -> NrfKey.read(key.kid.isEmpty() ? null : key.kid, folder.resolve(key.file)))
                                .toList());
            } catch (NrfKeyException e) {
                throw new ConfigurationException("oauth2.keys: " + e.getMessage(), e);
            }
        }
    }

    /**
     * A PostgreSQL database in the place of the data folder's own.
     *
     * @param url of JDBC, without user and password
     * @param passwordFile where the password is, unless the environment has it; empty if the server asks for none
     * @param connections that this node may have open
     */
    public record Store(String url, String user, String passwordFile, int connections) {

        /** The variable that holds the password. */
        public static final String PASSWORD = "KILN_STORE_PASSWORD";

        public Store {
            location(url, user, Optional.empty(), connections);
        }

        StoreLocation location(DataFolder folder) {
            return location(url, user, password(folder), connections);
        }

        private static StoreLocation location(String url, String user, Optional<String> password, int connections) {
            try {
                return new StoreLocation.PostgreSql(url, user, password, connections);
            } catch (IllegalArgumentException e) {
                throw new ConfigurationException("store: " + e.getMessage(), e);
            }
        }

        /** JDBC takes a password as a string only. */
        private static String text(Secret password) {
            return new String(
                    password.expose(SecretAccess.granted()).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8);
        }

        private Optional<String> password(DataFolder folder) {
            Optional<Secret> given = SecretEnvironment.read(PASSWORD);
            if (given.isPresent()) {
                try (Secret password = given.get()) {
                    return Optional.of(text(password));
                }
            }
            if (passwordFile.isEmpty()) {
                return Optional.empty();
            }
            try (Stream<String> lines = Files.lines(folder.resolve(passwordFile))) {
                return lines.findFirst();
            } catch (IOException | UncheckedIOException e) {
                throw new ConfigurationException(
                        "the store's password is neither in " + PASSWORD + " nor in " + folder.resolve(passwordFile)
                                + ": " + e.getMessage(),
                        e);
            }
        }
    }

    /** Where the database of this folder is. */
    public StoreLocation storeLocation(DataFolder folder) {
        return store.map(configured -> configured.location(folder))
                .orElseGet(() -> new StoreLocation.Sqlite(folder.database()));
    }

    /**
     * Credentials for devices that are in the field.
     *
     * @param oneTimeKey whether the host may compute the key that wraps a device's credential where the token cannot
     * @param confirmHours how long a device may take to confirm what it got
     * @param fallbackHours how long a device that changes operators may take to authenticate with the new credential
     * @param makers whose devices are taken
     */
    public record Identities(OneTimeKeys.Place oneTimeKey, int confirmHours, int fallbackHours, List<Maker> makers) {

        public Identities {
            require(confirmHours >= 1 && confirmHours <= 8760, "identities.confirmHours is 1 to 8760");
            require(fallbackHours >= 1 && fallbackHours <= 8760, "identities.fallbackHours is 1 to 8760");
            makers = List.copyOf(makers);
            require(!makers.isEmpty(), "identities.makers lists at least one maker's authority");
        }

        /**
         * A maker of devices.
         *
         * @param certificate PEM file of the authority that certifies his devices
         * @param crl file of revocation lists, PEM or DER, read anew for each request; empty if the maker has none
         */
        public record Maker(String name, String certificate, String crl) {}
    }

    private static void require(boolean condition, String rule) {
        if (!condition) {
            throw new IllegalArgumentException(rule);
        }
    }

    /**
     * A configuration as a document, for whoever wants to know more than {@link #read} tells of what is wrong.
     *
     * @throws JsonProcessingException naming the path to what is wrong
     */
    public static KilnConfiguration of(JsonNode document) throws JsonProcessingException {
        KilnConfiguration read = YAML.treeToValue(document, KilnConfiguration.class);
        return read.with(YAML.treeToValue(document, OptionalSections.class));
    }

    /**
     * Reads a configuration file.
     *
     * @throws ConfigurationException naming the file, the line and what is wrong
     */
    public static KilnConfiguration read(Path file) {
        try {
            String text = Files.readString(file);
            KilnConfiguration read = YAML.readValue(text, KilnConfiguration.class);
            return read.with(YAML.readValue(text, OptionalSections.class));
        } catch (JsonProcessingException e) {
            String place =
                    e.getLocation() == null ? "" : ", line " + e.getLocation().getLineNr();
            String what = e.getOriginalMessage().lines().findFirst().orElse("malformed");
            throw new ConfigurationException(file + place + ": " + what.replaceFirst("; `.*", ""), e);
        } catch (IOException e) {
            throw new ConfigurationException("the configuration " + file + " cannot be read: " + e.getMessage(), e);
        }
    }
}
