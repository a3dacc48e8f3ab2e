package org.kiln.kms.server;

import java.time.Duration;
import java.time.InstantSource;
import org.kiln.kms.approval.Act;
import org.kiln.kms.approval.Approvals;
import org.kiln.kms.approval.ApprovedRoles;
import org.kiln.kms.approval.Permit;
import org.kiln.kms.approval.SecondPerson;
import org.kiln.kms.keys.RecordMac;
import org.kiln.kms.store.Database;

/**
 * Two people for what the configuration says needs two. Once it has said so, that it says so, and who may call, are changed by two
 * people themselves.
 */
public final class DualControl {

    /** For what is listed, and for profiles and orders, where {@code approvals} is not there. */
    private static final Duration USUAL = Duration.ofDays(7);

    private final DataFolder folder;
    private final boolean asked;
    private final Approvals approvals;
    private final SecondPerson secondPerson;
    private final ApprovedRoles roles;

    /** @param mac authenticates rows of this database */
    public DualControl(DataFolder folder, KilnConfiguration configuration, Database database, RecordMac mac) {
        this.folder = folder;
        InstantSource clock = InstantSource.system();
        asked = configuration.approvals().isPresent();
        Duration validity = configuration
                .approvals()
                .map(section -> Duration.ofHours(section.hours()))
                .orElse(USUAL);
        approvals = new Approvals(database, mac, clock, validity);
        secondPerson = new SecondPerson(mac, validity);
        roles = new ApprovedRoles(database, mac, clock);
    }

    public Approvals approvals() {
        return approvals;
    }

    /** For profiles and orders, which need two people in any case. */
    public SecondPerson secondPerson() {
        return secondPerson;
    }

    /**
     * Takes the configuration's roles for a node that starts.
     *
     * @throws org.kiln.kms.approval.ApprovalException if others were approved
     */
    public void enterRoles() {
        roles.require(digest(), asked, approvals);
    }

    /**
     * Leave for an act.
     *
     * @param object to what, with all that the second person must know
     * @throws org.kiln.kms.approval.ApprovalException if it is needed and nobody gave it
     */
    public Permit permit(Act act, String object) {
        roles.requireUnchanged(digest());
        return asked ? approvals.permit(act, object) : Permit.NOT_NEEDED;
    }

    private String digest() {
        return KilnConfiguration.rolesDigest(folder.configuration());
    }
}
