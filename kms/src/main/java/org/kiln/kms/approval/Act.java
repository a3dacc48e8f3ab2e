package org.kiln.kms.approval;

import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.kiln.kms.access.Role;

/** What needs two people, and which. */
public enum Act {
    /** New storage keys become current. */
    STORAGE_KEY_ROTATION(Set.of(Role.OFFICER), Set.of(Role.OFFICER, Role.CUSTODIAN)),
    /** A retired version of the storage keys leaves the token for good. */
    STORAGE_KEY_DESTRUCTION(Set.of(Role.OFFICER), Set.of(Role.OFFICER, Role.CUSTODIAN)),
    /** A transport key is made and leaves the token for a partner. */
    TRANSPORT_KEY_CREATION(Set.of(Role.OFFICER), Set.of(Role.OFFICER, Role.CUSTODIAN)),
    /** A transport key comes into the token: in components, or wrapped by a partner. */
    TRANSPORT_KEY_IMPORT(Set.of(Role.OFFICER), Set.of(Role.OFFICER, Role.CUSTODIAN)),
    /** A new or suspended transport key is put to use. */
    TRANSPORT_KEY_ACTIVATION(Set.of(Role.OFFICER), Set.of(Role.OFFICER, Role.CUSTODIAN)),
    /** Another key signs the audit log from now on. */
    AUDIT_KEY_CHANGE(Set.of(Role.OFFICER), Set.of(Role.OFFICER, Role.CUSTODIAN)),
    /** A pair that signs the audit log no more leaves the token for good. */
    AUDIT_KEY_DESTRUCTION(Set.of(Role.OFFICER), Set.of(Role.OFFICER, Role.CUSTODIAN)),
    /** Subscribers with their keys go to another authentication centre. */
    SUBSCRIBER_EXPORT(Set.of(Role.OFFICER, Role.OPERATOR), Set.of(Role.OFFICER)),
    /** Who may call is changed, or whether two people are asked. */
    ROLES(Set.of(Role.OFFICER, Role.OPERATOR), Set.of(Role.OFFICER));

    @SuppressWarnings("ImmutableEnumChecker") // Set.of is immutable
    private final Set<Role> requesters;

    @SuppressWarnings("ImmutableEnumChecker")
    private final Set<Role> approvers;

    Act(Set<Role> requesters, Set<Role> approvers) {
        this.requesters = requesters;
        this.approvers = approvers;
    }

    /** Who may ask for it. */
    public Set<Role> requesters() {
        return requesters;
    }

    /** Who may approve it, unless he asked for it. */
    public Set<Role> approvers() {
        return approvers;
    }

    /** The name in commands and documents, such as {@code storage-key-rotation}. */
    public String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** @throws IllegalArgumentException listing the labels there are */
    public static Act labelled(String label) {
        return Arrays.stream(values())
                .filter(act -> act.label().equals(label))
                .findFirst()
                .orElseThrow(
                        () -> new IllegalArgumentException("'" + label + "' is no act that needs approval; these do: "
                                + Arrays.stream(values()).map(Act::label).collect(Collectors.joining(", "))));
    }
}
