package org.kiln.personalisation.server;

import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.kiln.kms.approval.SecondPerson;
import org.kiln.kms.approval.Waiting;
import org.kiln.kms.auc.AuthenticationCentre;
import org.kiln.kms.keys.DiversificationMasters;
import org.kiln.kms.server.AucNode;
import org.kiln.kms.server.DataFolder;
import org.kiln.personalisation.api.Catalogue;
import org.kiln.personalisation.api.FileRoutes;
import org.kiln.personalisation.api.IntakeRoutes;
import org.kiln.personalisation.api.OrderRoutes;
import org.kiln.personalisation.api.PersonalisationApi;
import org.kiln.personalisation.api.ProgressRoutes;
import org.kiln.personalisation.custody.Activation;
import org.kiln.personalisation.custody.Caretaker;
import org.kiln.personalisation.custody.Destruction;
import org.kiln.personalisation.custody.HoldingsReport;
import org.kiln.personalisation.generation.BatchGeneration;
import org.kiln.personalisation.generation.ShelvedCodes;
import org.kiln.personalisation.intake.BatchIntake;
import org.kiln.personalisation.intake.StagedCards;
import org.kiln.personalisation.numbering.NumberBlocks;
import org.kiln.personalisation.numbering.NumberRanges;
import org.kiln.personalisation.numbering.Quarantine;
import org.kiln.personalisation.order.CardStore;
import org.kiln.personalisation.order.DeliveryBook;
import org.kiln.personalisation.order.OrderBook;
import org.kiln.personalisation.order.RowCodes;
import org.kiln.personalisation.output.DeliveryFiles;
import org.kiln.personalisation.output.Envelopes;
import org.kiln.personalisation.partner.PartnerRegister;
import org.kiln.personalisation.profile.ProfileBook;
import org.kiln.transfer.envelope.Identity;

/** The personalisation centre on a node: its rooms wired, its API, and what works in the background. */
record PersonalisationCentre(
        PersonalisationApi api,
        ProfileBook profiles,
        OrderBook orders,
        BatchGeneration generation,
        BatchIntake intake,
        Caretaker caretaker,
        Optional<DiversificationMasters> masters,
        Optional<IdentityCentre> identities)
        implements AutoCloseable {

    /**
     * Wires a centre on an open node, whose tables of personalisation are up to date.
     *
     * @param signer the token's signing key
     * @param recipient the token's envelope key
     * @param folder where files go, and where files that the configuration names are
     * @param centre serves the subscribers that identities make
     * @param laboratory whether the XOR test algorithm is on
     */
    static PersonalisationCentre open(
            Vertx vertx,
            AucNode node,
            Identity signer,
            Identity recipient,
            DataFolder folder,
            AuthenticationCentre centre,
            boolean laboratory) {
        InstantSource clock = InstantSource.system();
        SecondPerson secondPerson = node.dualControl().secondPerson();
        ProfileBook profiles = new ProfileBook(node.database(), secondPerson, clock);
        OrderBook orders = new OrderBook(node.database(), profiles, secondPerson, clock);
        PartnerRegister partners = new PartnerRegister(node.database(), secondPerson, clock);
        NumberRanges ranges = new NumberRanges(node.database(), secondPerson, clock);
        new RowCodes(node.database(), profiles, orders, partners, ranges, clock).enterOnce();
        DeliveryBook deliveries = new DeliveryBook(node.database(), orders, clock);
        CardStore cards = new CardStore(node.database());
        Envelopes envelopes = new Envelopes(
                signer, recipient.certificate(), node.configuration().operator(), clock);
        DeliveryFiles files = new DeliveryFiles(
                folder.batches(),
                node.configuration().operator(),
                envelopes,
                cards,
                node.transportKeys(),
                new ShelvedCodes(node.tokens(), node.storageKeys()),
                clock);
        files.removeLeftovers();
        Optional<DiversificationMasters> masters = node.configuration().personalisation().masters().stream()
                .findFirst()
                .map(node.connection()::openMasters);
        BatchGeneration generation = new BatchGeneration(
                node.tokens(),
                node.ring(),
                node.storageKeys(),
                node.engines(laboratory),
                node.database(),
                node.subscribers(),
                orders,
                deliveries,
                cards,
                files,
                masters);
        Destruction destruction =
                new Destruction(node.database(), node.subscribers(), cards, orders, deliveries, files);
        Caretaker caretaker = new Caretaker(
                orders,
                new Activation(node.database(), node.subscribers(), cards, orders),
                destruction,
                Duration.ofDays(node.configuration().personalisation().keepFilesDays()),
                clock);
        BatchIntake intake = new BatchIntake(
                recipient,
                node.configuration().operator(),
                node.tokens(),
                node.subscriberIntake(laboratory),
                node.ring(),
                node.storageKeys(),
                new StagedCards(node.database(), node.subscribers(), cards, orders, deliveries, files),
                clock);
        Optional<IdentityCentre> identities = node.configuration()
                .identities()
                .map(settings -> IdentityCentre.open(
                        settings,
                        node,
                        profiles,
                        partners,
                        ranges,
                        signer,
                        folder,
                        node.engines(laboratory),
                        generation::requireMakeable,
                        centre::withdraw));
        PersonalisationApi api = new PersonalisationApi(
                new Catalogue(
                        profiles,
                        partners,
                        ranges,
                        new NumberBlocks(node.database()),
                        new Quarantine(node.database(), ranges, clock)),
                new OrderRoutes(
                        orders,
                        deliveries,
                        cards,
                        generation,
                        destruction,
                        new HoldingsReport(node.database(), orders, deliveries, files)),
                new FileRoutes(orders, deliveries, cards, files, envelopes, destruction, caretaker, clock),
                new IntakeRoutes(vertx, folder.batches(), orders, deliveries, cards, intake, caretaker),
                new ProgressRoutes(vertx, orders, cards),
                identities.map(IdentityCentre::routes));
        return new PersonalisationCentre(api, profiles, orders, generation, intake, caretaker, masters, identities);
    }

    /** What waits for a second person: drafts of profiles, then orders. */
    List<Waiting> waiting() {
        return Stream.concat(profiles.waiting().stream(), orders.waiting().stream())
                .toList();
    }

    /** Ends what waited too long for a second person. */
    void expire() {
        profiles.expire();
        orders.expire();
    }

    /** Goes on with what an earlier life left. */
    void start() {
        caretaker.once("clearing away batches that were being taken", intake::clearLeftovers);
        generation.resume();
        caretaker.start();
        identities.ifPresent(IdentityCentre::start);
    }

    @Override
    public void close() {
        identities.ifPresent(IdentityCentre::close);
        generation.close();
        caretaker.close();
        masters.ifPresent(DiversificationMasters::close);
    }
}
