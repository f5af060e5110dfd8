package io.lodestone.raft.ratis;

import io.lodestone.raft.ConsensusListener;
import io.lodestone.raft.Peer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.apache.ratis.thirdparty.io.grpc.Status;

/** Tells how long a word to each other member and its answer take. Confined to the timer. */
final class RoundTrips {
  private static final Duration INTERVAL = Duration.ofSeconds(1);

  private final Division division;
  private final PeerCalls calls;
  private final PeerMethods methods;
  private final long self;
  private final ConsensusListener listener;
  private long nextNanos = System.nanoTime();

  RoundTrips(
      Division division,
      PeerCalls calls,
      PeerMethods methods,
      long self,
      ConsensusListener listener) {
    this.division = division;
    this.calls = calls;
    this.methods = methods;
    this.self = self;
    this.listener = listener;
  }

  /** To be called regularly. */
  void look(long now) {
    if (now - nextNanos >= 0) {
      nextNanos = now + INTERVAL.toNanos();
      division.peers().stream().filter(peer -> peer.id() != self).forEach(this::measure);
    }
  }

  private void measure(Peer peer) {
    long began = System.nanoTime();
    CompletableFuture<byte[]> answered =
        calls.call(peer, methods.term(), PeerMethods.NOTHING, INTERVAL);
    var unused =
        answered.whenComplete(
            (answer, failure) -> {
              if (failure == null) {
                listener.roundTrip(peer.id(), Duration.ofNanos(System.nanoTime() - began));
              } else if (Status.fromThrowable(failure).getCode() == Status.Code.UNAVAILABLE) {
                listener.unreachable(peer.id());
              }
            });
  }
}
