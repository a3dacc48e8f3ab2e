/**
 * The sealed envelope a batch travels in: CMS SignedData inside CMS AuthEnvelopedData.
 *
 * <p>An envelope is a ContentInfo (RFC 5652), binary, of type AuthEnvelopedData (RFC 5083) with AES-256-GCM (RFC 5084, tag
 * of 16 octets, nonce of 12). Its content, of type {@code id-data}, is a second complete ContentInfo: SignedData with the
 * content inside, signed attributes, one signer, ECDSA P-256 with SHA-256 (RFC 5753), the signer's certificate included.
 * RSA recipients get the content key by RSA-OAEP with SHA-256 (RFC 4055), EC P-256 recipients by ephemeral-static ECDH
 * with the X9.63 KDF over SHA-256 and AES-256 key wrap (RFC 5753).
 *
 * <p>Files of any size are sealed and opened in constant memory. Keys may live in a token: they are used through the JCA
 * provider that comes with them and their encoding is never asked for. Touches Bouncy Castle and the JCA; knows nothing
 * of what the content is.
 */
@NullMarked
package org.kiln.transfer.envelope;

import org.jspecify.annotations.NullMarked;
