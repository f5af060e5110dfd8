package io.lodestone.migrate.compare;

import io.lodestone.api.ErrorCode;
import io.lodestone.api.LodestoneException;
import io.lodestone.api.StoreException;
import io.lodestone.client.CompactionProbe;
import io.lodestone.client.EtcdConnection;
import io.lodestone.client.FollowOptions;
import io.lodestone.client.LivingCluster;
import io.lodestone.etcdfile.db.EtcdDatabase;
import io.lodestone.etcdfile.db.SnapshotFileSink;
import io.lodestone.etcdfile.db.SnapshotFileSource;
import io.lodestone.migrate.compare.Finding.Proof;
import io.lodestone.revisions.CopyRules;
import io.lodestone.revisions.RevisionStream;
import io.lodestone.revisions.StreamItem;
import io.lodestone.revisions.StreamItem.Complete;
import io.lodestone.revisions.StreamItem.Reason;
import io.lodestone.revisions.digest.Differences;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Compares two running clusters at one revision. Costs each member a pass over its database; where
 * the hashes do not show equality, a snapshot of each side is taken. Confined to one thread.
 */
public final class ClusterComparison {
  private static final int MOST_KEYS = 20;

  private final EtcdConnection source;
  private final EtcdConnection destination;
  private final Path workDirectory;

  /**
   * @param source all of its endpoints are asked; likewise the destination's; both stay the
   *     caller's to close
   * @param workDirectory exists, with room for both databases twice
   */
  public ClusterComparison(EtcdConnection source, EtcdConnection destination, Path workDirectory) {
    this.source = source;
    this.destination = destination;
    this.workDirectory = workDirectory;
  }

  /**
   * Compares the keyspaces, while clients may be writing.
   *
   * @param revision one that both sides have, and neither has compacted
   */
  public Finding keysAt(long revision) throws IOException, InterruptedException {
    return compactRevision() == revision
        ? byDigest(revision, List.of())
        : finding(revision, MemberHashes.at(source, destination, revision).ask());
  }

  /**
   * The same, where hashes can tell: empty where {@code revision} is compacted, or becomes so
   * meanwhile. Where hashes differ though both sides are compacted alike, keys are compared.
   */
  public Optional<Finding> keysIfComparableAt(long revision)
      throws IOException, InterruptedException {
    if (compactRevision() >= revision) {
      return Optional.empty();
    }
    try {
      List<MemberHash> hashes = MemberHashes.at(source, destination, revision).ask();
      long compacted = hashes.get(0).compactRevision();
      return hashes.stream().allMatch(hash -> hash.compactRevision() == compacted)
          ? Optional.of(finding(revision, hashes))
          : Optional.empty();
    } catch (StoreException e) {
      if (e.code() == ErrorCode.COMPACTED) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /** Compares the keyspaces of two clusters that both stand still at {@code revision}. */
  public Finding keysStandingAt(long revision) throws IOException, InterruptedException {
    return finding(revision, MemberHashes.standingAt(source, destination, revision).ask());
  }

  private Finding finding(long revision, List<MemberHash> hashes)
      throws IOException, InterruptedException {
    MemberHash first = hashes.get(0);
    return hashes.stream().allMatch(first::agreesWith)
        ? new Finding(
            Proof.HASH_KV, revision, first.compactRevision(), hashes, List.of(), List.of())
        : byDigest(revision, hashes);
  }

  /** The same, and what stands beside the keys: leases with their TTLs, users, roles. */
  public Finding everythingAt(long revision) throws IOException, InterruptedException {
    Finding keys = keysAt(revision);
    List<String> besides = new ArrayList<>(new LeaseComparison(source, destination).differences());
    besides.addAll(users());
    return keys.with(besides);
  }

  /** Users and roles that are not the same on both sides; passwords cannot be seen. */
  public List<String> users() {
    return new UserComparison(source, destination).differences();
  }

  /** The higher one of both sides, -1 for none. */
  private long compactRevision() throws InterruptedException {
    return Math.max(compactRevision(source), compactRevision(destination));
  }

  private static long compactRevision(EtcdConnection side) throws InterruptedException {
    return new CompactionProbe(side).compactRevision();
  }

  private Finding byDigest(long revision, List<MemberHash> hashes)
      throws IOException, InterruptedException {
    Path theirs = copy(source, "source.db", revision);
    Path ours = copy(destination, "destination.db", revision);
    try (EtcdDatabase left = EtcdDatabase.open(theirs);
        EtcdDatabase right = EtcdDatabase.open(ours)) {
      long compacted = Math.max(left.compaction().scheduled(), right.compaction().scheduled());
      requireAbove(compacted, revision);
      Differences differences = new Differences(left.rows(), right.rows(), compacted, revision);
      return new Finding(
          Proof.DIGEST, revision, compacted, hashes, differences.keys(MOST_KEYS), List.of());
    } finally {
      Files.deleteIfExists(theirs);
      Files.deleteIfExists(ours);
    }
  }

  private Path copy(EtcdConnection side, String name, long revision)
      throws IOException, InterruptedException {
    Path target = workDirectory.resolve(name);
    Files.deleteIfExists(target);
    LivingCluster cluster =
        new LivingCluster(
            side, SnapshotFileSource::new, FollowOptions.in(workDirectory), Clock.systemUTC());
    try (RevisionStream stream = cluster.openAtBase(Reason.REQUESTED);
        SnapshotFileSink sink = new SnapshotFileSink(target, CopyRules.EXACT)) {
      StreamItem item = stream.next();
      while (!(item instanceof Complete mark && mark.revision() >= revision)) {
        sink.accept(item);
        item = stream.next();
      }
      sink.accept(item);
      sink.commit();
    }
    return target;
  }

  private static void requireAbove(long compacted, long revision) {
    if (compacted > revision) {
      throw new LodestoneException(
          "revision " + revision + " was compacted away: one side is compacted at " + compacted,
          "compare at a newer revision");
    }
  }
}
