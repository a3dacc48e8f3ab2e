/**
 * The gRPC service {@code kiln.auc.v1} (see {@code auc.proto}). May touch {@code auc}, {@code aka}, {@code hsm},
 * {@code oauth2}, the numbering and what protoc made of the proto file; opens no port itself.
 */
@NullMarked
package org.kiln.kms.grpc;

import org.jspecify.annotations.NullMarked;
