/**
 * Secured packets over the air (ETSI TS 102 225, coded for SMS-PP by 3GPP TS 31.115), for a platform that makes them and
 * for whoever plays a card: {@link org.kiln.transfer.ota.PacketSealer} and {@link org.kiln.transfer.ota.PacketOpener}.
 * KIc and KID stay in the token, which enciphers and authenticates.
 *
 * <p>May touch the PKCS#11 binding only.
 */
@NullMarked
package org.kiln.transfer.ota;

import org.jspecify.annotations.NullMarked;
