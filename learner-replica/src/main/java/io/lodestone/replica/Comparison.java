package io.lodestone.replica;

import com.google.protobuf.ByteString;
import io.lodestone.api.ErrorCode;
import io.lodestone.api.LodestoneException;
import io.lodestone.api.StoreException;
import io.lodestone.api.etcdserverpb.HashKVResponse;
import io.lodestone.client.EtcdConnection;
import io.lodestone.client.FollowOptions;
import io.lodestone.client.LivingCluster;
import io.lodestone.etcdfile.db.SnapshotFileSource;
import io.lodestone.mvcc.Engine;
import io.lodestone.mvcc.EngineOptions;
import io.lodestone.mvcc.EngineView;
import io.lodestone.mvcc.stream.EngineSink;
import io.lodestone.revisions.CopyRules;
import io.lodestone.revisions.RevisionStream;
import io.lodestone.revisions.StreamItem;
import io.lodestone.revisions.StreamItem.Complete;
import io.lodestone.revisions.StreamItem.Reason;
import io.lodestone.revisions.digest.Differences;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Proves at one revision that a replica is what its source is, or names the keys in which it is
 * not. First by HashKV, which costs each side a pass over its keyspace; where the hashes differ, by
 * our own digest over a snapshot of each, since servers of different versions may hash one keyspace
 * differently. Confined to one thread.
 */
public final class Comparison {
  private static final int HASH_ATTEMPTS = 5;
  private static final int MOST_KEYS = 20;

  private final EtcdConnection source;
  private final EtcdConnection replica;
  private final Path workDirectory;

  /**
   * @param source its first endpoint is asked
   * @param replica likewise; both stay the caller's to close
   * @param workDirectory an empty one, with room for both keyspaces
   */
  public Comparison(EtcdConnection source, EtcdConnection replica, Path workDirectory) {
    this.source = source;
    this.replica = replica;
    this.workDirectory = workDirectory;
  }

  /** What showed it. */
  public enum Proof {
    HASH_KV,
    DIGEST
  }

  /**
   * The outcome. Immutable.
   *
   * @param compactRevision the higher one of both sides, -1 for none
   * @param keys the first that differ, ascending, at most 20; none where both are equal
   */
  public record Outcome(Proof proof, long revision, long compactRevision, List<ByteString> keys) {
    public Outcome {
      keys = List.copyOf(keys);
    }

    public boolean equal() {
      return keys.isEmpty();
    }
  }

  /** Compares at the newest revision that the replica has. */
  public Outcome compare() throws IOException, InterruptedException {
    if (source.clusterId() != replica.clusterId()) {
      throw new LodestoneException(
          "the replica is of cluster "
              + Long.toHexString(replica.clusterId())
              + ", the endpoints are of cluster "
              + Long.toHexString(source.clusterId()),
          "name the replica's own source as --endpoints");
    }
    Optional<Outcome> proved = byHash();
    return proved.isPresent() ? proved.get() : byDigest();
  }

  /** Empty where the hashes differ. A compaction reaches the replica a moment later. */
  private Optional<Outcome> byHash() throws InterruptedException {
    for (int attempt = 0; attempt < HASH_ATTEMPTS; attempt++) {
      long revision = replica.revision();
      try {
        HashKVResponse theirs = source.hashKv(source.endpoints().get(0), revision);
        HashKVResponse ours = replica.hashKv(replica.endpoints().get(0), revision);
        if (theirs.getCompactRevision() == ours.getCompactRevision()) {
          return theirs.getHash() == ours.getHash()
              ? Optional.of(
                  new Outcome(Proof.HASH_KV, revision, ours.getCompactRevision(), List.of()))
              : Optional.empty();
        }
      } catch (StoreException e) {
        if (e.code() != ErrorCode.COMPACTED && e.code() != ErrorCode.FUTURE_REVISION) {
          throw e;
        }
      }
      TimeUnit.SECONDS.sleep(1);
    }
    return Optional.empty();
  }

  private Outcome byDigest() throws IOException, InterruptedException {
    try (Engine theirs = copy(source, "source");
        Engine ours = copy(replica, "replica");
        EngineView left = theirs.view();
        EngineView right = ours.view()) {
      long revision = Math.min(left.revision(), right.revision());
      long compacted = Math.max(left.compactRevision(), right.compactRevision());
      Differences differences = new Differences(left.rows(), right.rows(), compacted, revision);
      return new Outcome(Proof.DIGEST, revision, compacted, differences.keys(MOST_KEYS));
    }
  }

  private Engine copy(EtcdConnection side, String name) throws IOException, InterruptedException {
    Path target = workDirectory.resolve(name);
    LivingCluster cluster =
        new LivingCluster(
            side, SnapshotFileSource::new, FollowOptions.in(workDirectory), Clock.systemUTC());
    try (RevisionStream stream = cluster.openAtBase(Reason.REQUESTED);
        EngineSink sink = new EngineSink(target, CopyRules.EXACT)) {
      StreamItem item;
      do {
        item = stream.next();
        sink.accept(item);
      } while (!(item instanceof Complete));
      sink.commit();
    }
    return Engine.open(target, EngineOptions.DEFAULT);
  }
}
