package org.kiln.personalisation.server;

import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.kiln.kms.keys.OneTimeKeys;
import org.kiln.kms.server.AucNode;
import org.kiln.kms.server.ConfigurationException;
import org.kiln.kms.server.DataFolder;
import org.kiln.kms.server.KilnConfiguration;
import org.kiln.kms.subscriber.EngineChoice;
import org.kiln.personalisation.api.IdentityRoutes;
import org.kiln.personalisation.identity.Exchange;
import org.kiln.personalisation.identity.IdentityBook;
import org.kiln.personalisation.identity.Issuance;
import org.kiln.personalisation.identity.Makers;
import org.kiln.personalisation.identity.Platforms;
import org.kiln.personalisation.identity.Succession;
import org.kiln.personalisation.numbering.NumberRanges;
import org.kiln.personalisation.partner.PartnerRegister;
import org.kiln.personalisation.profile.Authentication;
import org.kiln.personalisation.profile.ProfileBook;
import org.kiln.transfer.envelope.Identity;
import org.kiln.transfer.numbering.Supi;

/** Credentials for devices in the field, where configuration has them. */
record IdentityCentre(IdentityRoutes routes, Succession succession) implements AutoCloseable {

    /** @throws ConfigurationException naming a maker's file that cannot be used */
    static IdentityCentre open(
            KilnConfiguration.Identities settings,
            AucNode node,
            ProfileBook profiles,
            PartnerRegister partners,
            NumberRanges ranges,
            Identity signer,
            DataFolder folder,
            EngineChoice engines,
            Consumer<Authentication> requireMakeable,
            BiConsumer<Supi, Runnable> withdraw) {
        InstantSource clock = InstantSource.system();
        IdentityBook book = new IdentityBook(node.database(), node.recordMac(), node.subscribers(), profiles, clock);
        Issuance issuance = new Issuance(
                book,
                node.tokens(),
                node.ring(),
                node.storageKeys(),
                engines,
                new OneTimeKeys(node.tokens().profile(), node.storageKeys(), settings.oneTimeKey()),
                new Platforms(partners, node.transportKeys(), clock),
                signer,
                requireMakeable);
        Exchange exchange = new Exchange(
                book,
                ranges,
                makers(settings, folder, clock),
                issuance,
                Duration.ofHours(settings.confirmHours()),
                Duration.ofHours(settings.fallbackHours()),
                withdraw);
        Succession succession = new Succession(book, withdraw);
        return new IdentityCentre(new IdentityRoutes(book, exchange, succession), succession);
    }

    private static Makers makers(KilnConfiguration.Identities settings, DataFolder folder, InstantSource clock) {
        try {
            return new Makers(
                    settings.makers().stream()
                            .map(maker -> Makers.Maker.read(
                                    maker.name(),
                                    folder.resolve(maker.certificate()),
                                    maker.crl().isEmpty()
                                            ? Optional.empty()
                                            : Optional.of(folder.resolve(maker.crl()))))
                            .toList(),
                    clock);
        } catch (IllegalArgumentException e) {
            throw new ConfigurationException(String.valueOf(e.getMessage()), e);
        }
    }

    void start() {
        succession.start();
    }

    @Override
    public void close() {
        succession.close();
    }
}
