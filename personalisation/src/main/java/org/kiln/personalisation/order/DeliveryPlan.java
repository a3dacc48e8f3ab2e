package org.kiln.personalisation.order;

import org.kiln.personalisation.partner.Partner;
import org.kiln.personalisation.profile.Share;

/**
 * A file that an order will become: for whom, as he was when the order was approved, and how much of each card.
 */
public record DeliveryPlan(Partner partner, Share share) {}
