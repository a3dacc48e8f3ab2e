package org.kiln.kms.gsup;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetSocket;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.kiln.kms.access.AccessException;
import org.kiln.kms.access.Principal;
import org.kiln.kms.access.Role;
import org.kiln.kms.aka.AkaException;
import org.kiln.kms.aka.AuthenticationVector;
import org.kiln.kms.aka.VectorKind;
import org.kiln.kms.auc.AuthenticationCentre;
import org.kiln.kms.auc.VectorRequest;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One Osmocom peer (MSC, SGSN, MME). Requests for vectors are answered as they are done, which need not be their order;
 * other requests are refused. Lives on its event loop and never waits there.
 */
public final class GsupConnection {

    /** Requests of one peer that may be on their way at once; more are refused as congestion. */
    static final int MOST_OUTSTANDING = 256;

    /** Malformed requests of one peer that the log tells of, each by itself. */
    private static final int MOST_COMPLAINTS = 10;

    private static final long NO_TIMER = -1;

    private static final Set<Role> ROLES = Set.of(Role.HLR);
    private static final Logger LOG = LoggerFactory.getLogger(GsupConnection.class);

    private final Vertx vertx;
    private final NetSocket socket;
    private final AuthenticationCentre centre;
    private final Principal peer;
    private final Context context;
    private final IpaDecoder decoder = new IpaDecoder(this::take);
    private final GsupPatience patience;
    private int outstanding;
    private int complaints;
    private long frames;
    private long timer = NO_TIMER;
    private boolean paused;
    private boolean broken;

    private GsupConnection(
            Vertx vertx, NetSocket socket, AuthenticationCentre centre, Principal peer, GsupPatience patience) {
        this.vertx = vertx;
        this.patience = patience;
        this.socket = socket;
        this.centre = centre;
        this.peer = peer;
        context = vertx.getOrCreateContext();
    }

    /** Serves a peer that has just connected, or ends the connection if nothing here is for him; called on its event loop. */
    public static void serve(
            Vertx vertx, NetSocket socket, AuthenticationCentre centre, Principal peer, GsupPatience patience) {
        GsupConnection connection = new GsupConnection(vertx, socket, centre, peer, patience);
        try {
            peer.require(ROLES);
        } catch (AccessException e) {
            LOG.warn("GSUP peer {} is disconnected: {}", socket.remoteAddress(), e.getMessage());
            connection.close();
            return;
        }
        socket.exceptionHandler(e -> LOG.debug("a GSUP peer is gone: {}", e.getMessage()));
        socket.handler(connection::read);
        socket.endHandler(end -> connection.await(0));
        connection.await(patience.first());
        connection.write(IpaFrame.Ccm.askIdentity());
    }

    private void read(Buffer octets) {
        if (broken) {
            return;
        }
        long before = frames;
        try {
            decoder.feed(octets);
        } catch (GsupException.BrokenStream e) {
            end(e.getMessage());
            return;
        }
        if (!decoder.isInside()) {
            await(0);
        } else if (frames > before || timer == NO_TIMER) {
            await(patience.frame());
        }
    }

    /** Ends the connection unless it is told to wait for something else within so many milliseconds; 0 to wait for nothing. */
    private void await(int millis) {
        if (timer != NO_TIMER) {
            vertx.cancelTimer(timer);
            timer = NO_TIMER;
        }
        if (millis > 0) {
            timer = vertx.setTimer(millis, fired -> {
                timer = NO_TIMER;
                if (!paused) {
                    end(frames == 0 ? "no whole message came" : "the rest of a message did not come");
                }
            });
        }
    }

    private void end(@Nullable String why) {
        broken = true;
        await(0);
        LOG.warn("GSUP peer {} is disconnected: {}", socket.remoteAddress(), why);
        close();
    }

    private void close() {
        socket.close().onFailure(e -> LOG.debug("a GSUP peer was gone already: {}", e.getMessage()));
    }

    private void take(IpaFrame frame) {
        frames++;
        switch (frame) {
            case IpaFrame.Ccm(int type) -> control(type);
            case IpaFrame.Gsup(byte[] message) -> take(new GsupMessage(message));
        }
    }

    private void control(int type) {
        if (type == IpaFrame.Ccm.PING) {
            write(IpaFrame.Ccm.of(IpaFrame.Ccm.PONG));
        } else if (type == IpaFrame.Ccm.ID_ACK) {
            write(IpaFrame.Ccm.of(IpaFrame.Ccm.ID_ACK));
        }
    }

    private void take(GsupMessage message) {
        if (!message.isRequest()) {
            LOG.debug("a GSUP message of type {} wants no answer", message.type());
        } else if (message.type() != GsupMessage.SEND_AUTH_INFO_REQUEST) {
            write(GsupAnswer.error(message, GsupCause.MESSAGE_TYPE_NOT_IMPLEMENTED));
        } else if (outstanding >= MOST_OUTSTANDING) {
            write(GsupAnswer.error(message, GsupCause.CONGESTION));
        } else {
            sendAuthInfo(message);
        }
    }

    private void sendAuthInfo(GsupMessage request) {
        boolean counted;
        try {
            counted = peer.begin();
        } catch (AccessException e) {
            write(GsupAnswer.error(request, GsupCause.of(e)));
            return;
        }
        outstanding++;
        vectors(request)
                .map(vectors -> {
                    peer.served(vectors.size());
                    return GsupAnswer.result(request, vectors);
                })
                .otherwise(why -> GsupAnswer.error(request, GsupCause.of(why)))
                .onSuccess(answer -> {
                    outstanding--;
                    if (counted) {
                        peer.end();
                    }
                    write(answer);
                });
    }

    /** Quintuplets, or triplets where the subscriber's SIM knows nothing else. */
    private Future<List<AuthenticationVector>> vectors(GsupMessage request) {
        try {
            if (request.isForEps()) {
                return ask(request.vectorRequest(VectorKind.UmtsAka.EPS_QUINTUPLET));
            }
            return ask(request.vectorRequest(VectorKind.UmtsAka.UMTS))
                    .recover(why -> why instanceof AkaException.KindNotServed
                            ? ask(request.vectorRequest(VectorKind.GsmAka.GSM))
                            : Future.failedFuture(why));
        } catch (AccessException e) {
            return Future.failedFuture(e);
        } catch (GsupException.WrongMessage e) {
            complain(e.getMessage());
            return Future.failedFuture(e);
        }
    }

    private void complain(@Nullable String why) {
        complaints++;
        if (complaints <= MOST_COMPLAINTS) {
            LOG.warn(
                    "GSUP peer {} is refused: {}{}",
                    socket.remoteAddress(),
                    why,
                    complaints == MOST_COMPLAINTS ? "; more of this connection is not told" : "");
        }
    }

    private Future<List<AuthenticationVector>> ask(VectorRequest request) {
        peer.require(ROLES, request.supi());
        return Future.fromCompletionStage(centre.authenticate(request, peer), context);
    }

    private void write(Buffer frame) {
        socket.write(frame).onFailure(e -> LOG.debug("a GSUP peer left before its answer: {}", e.getMessage()));
        if (socket.writeQueueFull()) {
            paused = true;
            socket.pause();
            socket.drainHandler(drained -> goOn());
        }
    }

    private void goOn() {
        paused = false;
        if (decoder.isInside()) {
            await(patience.frame());
        }
        socket.resume();
    }
}
