package io.lodestone.server.cluster;

import io.lodestone.api.ErrorCode;
import io.lodestone.api.StoreException;
import io.lodestone.api.etcdserverpb.Member;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * The members of a cluster whose log is committed by one member alone. Learners can be listed; a
 * second voter is refused, since it would need a shared log. Thread-safe.
 */
public final class LoneMembership implements Membership {
  private static final long NOBODY = 0;
  private static final CompletableFuture<Void> DONE = CompletableFuture.completedFuture(null);

  private final Clock clock;
  private final Consumer<List<Member>> store;
  private List<Member> members;

  /** {@code store} makes a changed list durable before anybody sees it. */
  public LoneMembership(List<Member> members, Clock clock, Consumer<List<Member>> store) {
    this.members = sorted(members);
    this.clock = clock;
    this.store = store;
  }

  @Override
  public synchronized List<Member> members() {
    return members;
  }

  @Override
  public synchronized CompletableFuture<Member> add(List<String> peerUrls, boolean learner) {
    Member added = addable(peerUrls);
    if (!learner) {
      throw NewMember.notEnoughStarted();
    }
    requireNoLearner();
    List<Member> changed = new ArrayList<>(members);
    changed.add(added);
    replace(changed);
    return CompletableFuture.completedFuture(added);
  }

  /** Fails where no cluster of this one member would take such another one. */
  synchronized void requireAddable(List<String> peerUrls, boolean learner) {
    Member unused = addable(peerUrls);
    if (learner) {
      requireNoLearner();
    }
  }

  private Member addable(List<String> peerUrls) {
    Member added = NewMember.of(peerUrls, true, clock);
    if (find(added.getID()).isPresent()) {
      throw new StoreException(ErrorCode.MEMBER_EXISTS);
    }
    requireFree(added.getPeerURLsList(), NOBODY);
    return added;
  }

  private void requireNoLearner() {
    if (members.stream().anyMatch(Member::getIsLearner)) {
      throw new StoreException(ErrorCode.TOO_MANY_LEARNERS);
    }
  }

  @Override
  public synchronized CompletableFuture<Void> remove(long id) {
    if (!require(id).getIsLearner()) {
      throw NewMember.notEnoughStarted();
    }
    replace(members.stream().filter(other -> other.getID() != id).toList());
    return DONE;
  }

  @Override
  public synchronized CompletableFuture<Void> update(long id, List<String> peerUrls) {
    Member member = require(id);
    requireFree(peerUrls, id);
    Member updated = member.toBuilder().clearPeerURLs().addAllPeerURLs(peerUrls).build();
    replace(members.stream().map(other -> other.getID() == id ? updated : other).toList());
    return DONE;
  }

  /** Nobody follows this log, so that a learner is never in sync. */
  @Override
  public synchronized CompletableFuture<Void> promote(long id) {
    if (!require(id).getIsLearner()) {
      throw new StoreException(ErrorCode.MEMBER_NOT_LEARNER);
    }
    throw new StoreException(ErrorCode.LEARNER_NOT_READY);
  }

  private Optional<Member> find(long id) {
    return members.stream().filter(member -> member.getID() == id).findFirst();
  }

  private Member require(long id) {
    return find(id).orElseThrow(() -> new StoreException(ErrorCode.MEMBER_NOT_FOUND));
  }

  private void requireFree(List<String> urls, long exceptId) {
    boolean taken =
        members.stream()
            .filter(member -> member.getID() != exceptId)
            .anyMatch(member -> member.getPeerURLsList().stream().anyMatch(urls::contains));
    if (taken) {
      throw new StoreException(ErrorCode.PEER_URL_EXISTS);
    }
  }

  private void replace(List<Member> changed) {
    List<Member> ordered = sorted(changed);
    store.accept(ordered);
    members = ordered;
  }

  private static List<Member> sorted(List<Member> members) {
    return members.stream()
        .sorted(Comparator.comparing(Member::getID, Long::compareUnsigned))
        .toList();
  }
}
