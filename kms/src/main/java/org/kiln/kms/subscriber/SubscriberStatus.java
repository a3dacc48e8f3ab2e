package org.kiln.kms.subscriber;

/** Whether a subscriber is served. */
public enum SubscriberStatus {
    /** His keys are made and his card is not yet out: to the network he does not exist. */
    PENDING,
    /** He is served. */
    ACTIVE,
    /** He is known and refused until somebody activates him again. */
    SUSPENDED
}
