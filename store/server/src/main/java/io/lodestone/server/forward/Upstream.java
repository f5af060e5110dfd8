package io.lodestone.server.forward;

import io.grpc.Channel;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** The cluster that a server copies. Thread-safe; never blocks. */
public interface Upstream {
  /**
   * To a member that can be reached, as far as is known. It adds no login of its own: what a call
   * may do there is decided by the token that the call carries.
   */
  Channel channel();

  /**
   * Completes once everything that the source had acknowledged to anyone before this call is
   * applied here. Fails with a {@link io.lodestone.api.StoreException} where the source cannot be
   * asked, or what it has does not come in time.
   */
  CompletableFuture<Void> readBarrier();

  /** The source's term of late. */
  long term();

  /** The id of the source's leader of late; 0 for none. */
  long leader();

  /** Why the copy is not healthy, whatever it answers, and needs a person; empty where it is. */
  Optional<String> fault();

  /** Since when the copy is not known to be what the source is. */
  Duration staleness();
}
