package io.lodestone.migrate.compare;

import io.lodestone.api.ErrorCode;
import io.lodestone.api.LodestoneException;
import io.lodestone.api.StoreException;
import io.lodestone.api.etcdserverpb.HashKVResponse;
import io.lodestone.client.Endpoint;
import io.lodestone.client.EtcdConnection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * Asks every member of both sides for its hash, all at once, since each reads its whole database.
 * Members that are a little behind the others of their side are waited for.
 */
final class MemberHashes {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final long PAUSE_MILLIS = 5;
  private static final long NEWEST = 0;

  private final EtcdConnection source;
  private final EtcdConnection destination;
  private final long asked;
  private final long reached;

  private MemberHashes(
      EtcdConnection source, EtcdConnection destination, long asked, long reached) {
    this.source = source;
    this.destination = destination;
    this.asked = asked;
    this.reached = reached;
  }

  /** The hashes at {@code revision}, which members may answer from memory if it is compacted. */
  static MemberHashes at(EtcdConnection source, EtcdConnection destination, long revision) {
    return new MemberHashes(source, destination, revision, revision);
  }

  /**
   * The hashes of what each member has, once it has {@code revision}: those of that revision, where
   * both sides stand still there. Never answered from memory.
   */
  static MemberHashes standingAt(EtcdConnection source, EtcdConnection destination, long revision) {
    return new MemberHashes(source, destination, NEWEST, revision);
  }

  /** The source's members first. Fails as the first member that could not answer did. */
  List<MemberHash> ask() throws InterruptedException {
    long giveUpAt = System.nanoTime() + PATIENCE.toNanos();
    List<MemberHash> hashes = askOnce();
    while (isCompactionUnderWay(hashes) && System.nanoTime() - giveUpAt < 0) {
      TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
      hashes = askOnce();
    }
    return hashes;
  }

  /** Whether members of one side are not compacted alike yet. */
  private static boolean isCompactionUnderWay(List<MemberHash> hashes) {
    Map<String, Set<Long>> bySide =
        hashes.stream()
            .collect(
                Collectors.groupingBy(
                    MemberHash::side,
                    Collectors.mapping(MemberHash::compactRevision, Collectors.toSet())));
    return bySide.values().stream().anyMatch(revisions -> revisions.size() > 1);
  }

  private List<MemberHash> askOnce() throws InterruptedException {
    int members = source.endpoints().size() + destination.endpoints().size();
    ExecutorService threads =
        Executors.newFixedThreadPool(members, task -> new Thread(task, "migrate-hash"));
    try {
      List<Future<MemberHash>> answers = new ArrayList<>();
      for (Endpoint endpoint : source.endpoints()) {
        answers.add(threads.submit(() -> ask("source", source, endpoint)));
      }
      for (Endpoint endpoint : destination.endpoints()) {
        answers.add(threads.submit(() -> ask("destination", destination, endpoint)));
      }
      List<MemberHash> hashes = new ArrayList<>();
      for (Future<MemberHash> answer : answers) {
        hashes.add(outcome(answer));
      }
      return hashes;
    } finally {
      threads.shutdownNow();
    }
  }

  private static MemberHash outcome(Future<MemberHash> answer) throws InterruptedException {
    try {
      return answer.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof LodestoneException failure) {
        throw failure;
      }
      throw new IllegalStateException("a member could not be asked for its hash", e.getCause());
    }
  }

  /** A member that is not yet at the revision is asked again until it is. */
  private MemberHash ask(String side, EtcdConnection cluster, Endpoint endpoint)
      throws InterruptedException {
    long giveUpAt = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      try {
        HashKVResponse answer = cluster.hashKv(endpoint, asked);
        long found = answer.getHeader().getRevision();
        if (found >= reached) {
          return new MemberHash(
              side,
              endpoint.toString(),
              Integer.toUnsignedLong(answer.getHash()),
              answer.getCompactRevision());
        }
        if (System.nanoTime() - giveUpAt > 0) {
          throw new LodestoneException(
              endpoint + " is still at revision " + found + ", not at " + reached,
              "see why this member of the " + side + " is behind the others, then try again");
        }
      } catch (StoreException e) {
        boolean behind = e.code() == ErrorCode.FUTURE_REVISION;
        if (!behind || System.nanoTime() - giveUpAt > 0) {
          throw e;
        }
      }
      TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
    }
  }
}
