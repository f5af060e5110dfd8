package io.lodestone.server.cluster;

import io.lodestone.api.etcdserverpb.Member;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * The members of a cluster that has one, until others are added: the first addition makes its log
 * one that can be shared. Thread-safe; {@link #add} may block while it does.
 */
public final class GrowingMembership implements Membership {
  private final LoneMembership alone;
  private final Supplier<Membership> grow;
  private volatile Optional<Membership> grown = Optional.empty();

  /** {@code grow} gives what keeps the members from then on, or fails and leaves all as it was. */
  public GrowingMembership(LoneMembership alone, Supplier<Membership> grow) {
    this.alone = alone;
    this.grow = grow;
  }

  @Override
  public List<Member> members() {
    return now().members();
  }

  @Override
  public CompletableFuture<Member> add(List<String> peerUrls, boolean learner) {
    if (grown.isEmpty()) {
      alone.requireAddable(peerUrls, learner);
      growOnce();
    }
    return now().add(peerUrls, learner);
  }

  private synchronized void growOnce() {
    if (grown.isEmpty()) {
      grown = Optional.of(grow.get());
    }
  }

  private Membership now() {
    return grown.orElse(alone);
  }

  @Override
  public CompletableFuture<Void> remove(long id) {
    return now().remove(id);
  }

  @Override
  public CompletableFuture<Void> update(long id, List<String> peerUrls) {
    return now().update(id, peerUrls);
  }

  @Override
  public CompletableFuture<Void> promote(long id) {
    return now().promote(id);
  }
}
