package io.lodestone.server.peer;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.lodestone.api.LodestoneException;
import io.lodestone.api.etcdserverpb.AlarmRequest;
import io.lodestone.api.etcdserverpb.AlarmType;
import io.lodestone.api.etcdserverpb.HashKVRequest;
import io.lodestone.api.etcdserverpb.HashKVResponse;
import io.lodestone.api.etcdserverpb.InternalRaftRequest;
import io.lodestone.mvcc.Engine;
import io.lodestone.raft.ConsensusException;
import io.lodestone.raft.Peer;
import io.lodestone.raft.PeerTls;
import io.lodestone.raft.ratis.RatisConsensus;
import io.lodestone.revisions.digest.HashKv;
import io.lodestone.server.proposal.Proposals;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compares this member's history with the other members', by HashKV at one revision. Only hashes
 * that were made of histories compacted alike are compared. As etcd's checks, but that the alarm
 * names the members that a majority contradicts, as etcd does from 3.6 on; 3.5 names none. For one
 * thread, which waits for the other members.
 */
public final class CorruptionCheck {
  private static final Logger LOG = LoggerFactory.getLogger(CorruptionCheck.class);

  /** The member whose alarm it is where nobody knows whose data are wrong. */
  private static final long NOBODY = 0;

  /** For a member to hash its history. */
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  private final long self;
  private final PeerAnswers own;
  private final Supplier<Engine> engine;
  private final Supplier<List<Peer>> others;
  private final Optional<PeerTls> tls;
  private final Proposals proposals;
  private long newestCompared;

  /** {@code others} are those that this member knows, without itself. */
  public CorruptionCheck(
      long self,
      PeerAnswers own,
      Supplier<Engine> engine,
      Supplier<List<Peer>> others,
      Optional<PeerTls> tls,
      Proposals proposals) {
    this.self = self;
    this.own = own;
    this.engine = engine;
    this.others = others;
    this.tls = tls;
    this.proposals = proposals;
  }

  /**
   * Before this member takes part. Members that cannot be reached, or have not got as far, say
   * nothing.
   *
   * @throws LodestoneException if another member has another history
   */
  public void beforeStart() {
    HashKVResponse mine = own.hash(0).join();
    Map<Long, HashKVResponse> theirs = ask(mine.getHeader().getRevision());
    theirs.values().removeIf(response -> isSame(mine, response));
    if (!theirs.isEmpty()) {
      theirs.forEach((id, response) -> tell("another history", id, mine, response));
      throw new LodestoneException(
          hex(self) + " found data inconsistency with peers",
          "compare all members by etcdctl endpoint hashkv; if this one is wrong, remove it from the"
              + " cluster, delete its data directory, and add it anew");
    }
    LOG.atInfo().log("initial corruption checking passed; no corruption");
  }

  /** While this member leads: what all members have now. Raises an alarm. */
  public void compareNow() {
    HashKVResponse mine = own.hash(0).join();
    Map<Long, HashKVResponse> theirs = ask(mine.getHeader().getRevision());
    proposals.readBarrier().join();
    HashKVResponse later = own.hash(0).join();
    Set<Long> wrong = new TreeSet<>();
    if (later.getHeader().getRevision() == mine.getHeader().getRevision() && !isSame(mine, later)) {
      tell("this member's own hash changed", self, mine, later);
      wrong.add(self);
    }
    theirs.forEach(
        (id, response) -> {
          if (response.getHeader().getRevision() > later.getHeader().getRevision()
              || response.getCompactRevision() > later.getCompactRevision()) {
            tell("a member is ahead of its leader", id, later, response);
            wrong.add(id);
          }
        });
    wrong.addAll(contradicted(mine, theirs));
    wrong.forEach(this::alarm);
    LOG.atInfo().addKeyValue("members", theirs.size()).log("finished peer corruption check");
  }

  /** While this member leads: what the members had when they were compacted last. */
  public void compareCompactions() {
    for (HashKv hash : engine.get().compactionHashes()) {
      if (hash.revision() <= newestCompared) {
        return;
      }
      HashKVResponse mine = PeerAnswers.response(hash, hash.revision());
      Map<Long, HashKVResponse> theirs = ask(hash.revision());
      Set<Long> wrong = contradicted(mine, theirs);
      wrong.forEach(this::alarm);
      boolean all = theirs.values().stream().allMatch(response -> isComparable(mine, response));
      if (!wrong.isEmpty() || (all && theirs.size() == others.get().size())) {
        newestCompared = hash.revision();
        LOG.atInfo().addKeyValue("revision", hash.revision()).log("compared a compaction's hash");
        return;
      }
    }
  }

  /** Who has another history than most; {@link #NOBODY} where there is no majority. */
  private Set<Long> contradicted(HashKVResponse mine, Map<Long, HashKVResponse> theirs) {
    Map<Integer, Set<Long>> byHash = new TreeMap<>();
    byHash.put(mine.getHash(), new TreeSet<>(Set.of(self)));
    theirs.forEach(
        (id, response) -> {
          if (isComparable(mine, response)) {
            byHash.computeIfAbsent(response.getHash(), hash -> new TreeSet<>()).add(id);
            if (!isSame(mine, response)) {
              tell("another history", id, mine, response);
            }
          }
        });
    if (byHash.size() == 1) {
      return Set.of();
    }
    int voices = others.get().size() + 1;
    Optional<Set<Long>> majority =
        byHash.values().stream().filter(ids -> ids.size() > voices / 2).findFirst();
    if (majority.isEmpty()) {
      return Set.of(NOBODY);
    }
    Set<Long> wrong = new TreeSet<>();
    byHash.values().forEach(wrong::addAll);
    wrong.removeAll(majority.get());
    return wrong;
  }

  private static boolean isComparable(HashKVResponse one, HashKVResponse other) {
    return one.getCompactRevision() == other.getCompactRevision();
  }

  private static boolean isSame(HashKVResponse one, HashKVResponse other) {
    return !isComparable(one, other) || one.getHash() == other.getHash();
  }

  /** What the others have at {@code revision}, those that say. */
  private Map<Long, HashKVResponse> ask(long revision) {
    ByteString request = HashKVRequest.newBuilder().setRevision(revision).build().toByteString();
    ByteBuffer question = new Question(Question.Kind.HASH, request).encoded();
    Map<Long, HashKVResponse> answers = new TreeMap<>();
    for (Peer other : others.get()) {
      try {
        ByteBuffer answer =
            RatisConsensus.ask(other.host(), other.port(), tls, question.duplicate(), PATIENCE);
        answers.put(other.id(), HashKVResponse.parseFrom(answer));
      } catch (ConsensusException | InvalidProtocolBufferException e) {
        LOG.atWarn()
            .addKeyValue("member", hex(other.id()))
            .addKeyValue("revision", revision)
            .addKeyValue("why", e.getMessage())
            .log("cannot compare with a member");
      }
    }
    return answers;
  }

  private void alarm(long member) {
    AlarmRequest request =
        AlarmRequest.newBuilder()
            .setAction(AlarmRequest.AlarmAction.ACTIVATE)
            .setMemberID(member)
            .setAlarm(AlarmType.CORRUPT)
            .build();
    try {
      proposals.propose(InternalRaftRequest.newBuilder().setAlarm(request).build()).join();
    } catch (CompletionException e) {
      LOG.atWarn().setCause(e).log("cannot raise an alarm");
    }
  }

  private static void tell(String what, long id, HashKVResponse mine, HashKVResponse other) {
    LOG.atError()
        .addKeyValue("member", hex(id))
        .addKeyValue("hint", "compare all members by etcdctl endpoint hashkv")
        .addKeyValue("own", shown(mine))
        .addKeyValue("other", shown(other))
        .log("data corruption: " + what);
  }

  private static String shown(HashKVResponse response) {
    return Integer.toUnsignedString(response.getHash())
        + " at revision "
        + response.getHeader().getRevision()
        + ", compacted at "
        + response.getCompactRevision();
  }

  private static String hex(long id) {
    return Long.toHexString(id);
  }
}
