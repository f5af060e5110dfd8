package io.lodestone.server.cluster;

import io.grpc.Status;
import io.lodestone.api.ErrorCode;
import io.lodestone.api.StoreException;
import io.lodestone.api.etcdserverpb.Member;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The members of a cluster whose log is committed by one member alone. Learners can be listed; a
 * second voter is refused, since it would need a shared log. Thread-safe.
 */
public final class Membership {
  private final long localId;
  private final Clock clock;
  private final Consumer<List<Member>> store;
  private List<Member> members;

  /** {@code store} makes a changed list durable before anybody sees it. */
  public Membership(long localId, List<Member> members, Clock clock, Consumer<List<Member>> store) {
    this.localId = localId;
    this.members = sorted(members);
    this.clock = clock;
    this.store = store;
  }

  /** Ascending by id. */
  public synchronized List<Member> members() {
    return members;
  }

  public long localId() {
    return localId;
  }

  /** Returns the new member, which is a learner. Its peer URLs must be well-formed. */
  public synchronized Member add(List<String> peerUrls, boolean learner) {
    List<String> urls = PeerUrls.sorted(peerUrls);
    Member added =
        Member.newBuilder().setID(newId(urls)).addAllPeerURLs(urls).setIsLearner(true).build();
    if (find(added.getID()).isPresent()) {
      throw new StoreException(ErrorCode.MEMBER_EXISTS);
    }
    requireFree(urls, added.getID());
    if (!learner) {
      throw notEnoughStarted();
    }
    if (members.stream().anyMatch(Member::getIsLearner)) {
      throw new StoreException(ErrorCode.TOO_MANY_LEARNERS);
    }
    List<Member> changed = new ArrayList<>(members);
    changed.add(added);
    replace(changed);
    return added;
  }

  public synchronized void remove(long id) {
    if (!require(id).getIsLearner()) {
      throw notEnoughStarted();
    }
    replace(members.stream().filter(other -> other.getID() != id).toList());
  }

  public synchronized void update(long id, List<String> peerUrls) {
    Member member = require(id);
    requireFree(peerUrls, id);
    Member updated = member.toBuilder().clearPeerURLs().addAllPeerURLs(peerUrls).build();
    replace(members.stream().map(other -> other.getID() == id ? updated : other).toList());
  }

  /** Nobody follows this log, so that a learner is never in sync. */
  public synchronized void promote(long id) {
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

  /** etcd 3.5 has no status for this one: its clients see UNKNOWN. */
  private static RuntimeException notEnoughStarted() {
    return Status.UNKNOWN
        .withDescription(ErrorCode.NOT_ENOUGH_STARTED_MEMBERS.text())
        .asRuntimeException();
  }

  /** First 8 bytes of SHA-1 over the sorted peer URLs and the time in seconds. */
  private long newId(List<String> urls) {
    String text = String.join("", urls) + clock.instant().getEpochSecond();
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-1").digest(text.getBytes(StandardCharsets.UTF_8));
      return ByteBuffer.wrap(digest).getLong();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-1", e);
    }
  }
}
