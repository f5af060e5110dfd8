package io.lodestone.restore.drill;

import io.lodestone.client.EtcdConnection;
import io.lodestone.repository.Lineage;
import io.lodestone.repository.Proof;
import io.lodestone.repository.Repository;
import io.lodestone.repository.RepositorySource;
import io.lodestone.repository.RestorePlan;
import io.lodestone.repository.SourceHash;
import io.lodestone.revisions.PrefetchedStream;
import io.lodestone.revisions.RevisionStream;
import io.lodestone.revisions.StreamItem.Reason;
import io.lodestone.revisions.scratch.ScratchDirectory;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;
import java.util.function.LongConsumer;

/**
 * Drills on what a repository holds, in a directory that is deleted afterwards, or by the next
 * drill if this one is killed, and keeps the proof in the repository. Immutable.
 */
public final class RepositoryDrill {
  private final Repository repository;
  private final Path parent;
  private final Optional<EtcdConnection> living;
  private final LongConsumer progress;

  /**
   * What a drill came to.
   *
   * @param bytes that were read, as stored
   */
  public record Outcome(DrillReport report, long bytes) {}

  /**
   * @param parent where both copies are made; created if it does not exist
   * @param living as for {@link Drill}
   * @param progress as for {@link Drill}
   */
  public RepositoryDrill(
      Repository repository, Path parent, Optional<EtcdConnection> living, LongConsumer progress) {
    this.repository = repository;
    this.parent = parent;
    this.living = living;
    this.progress = progress;
  }

  /**
   * Restores the newest point that the source has told its hash of; the newest of all where there
   * is none.
   */
  public Outcome run(Lineage lineage) throws IOException, InterruptedException {
    RepositorySource newest = repository.source(lineage);
    Optional<SourceHash> told = repository.newestSourceHash(lineage);
    return run(told.map(hash -> newest.at(hash.revision())).orElse(newest));
  }

  /** Restores {@code source}, one of the repository's; what was not proved leaves no proof. */
  public Outcome run(RepositorySource source) throws IOException, InterruptedException {
    RestorePlan plan = source.plan();
    Optional<SourceHash> captured = repository.sourceHash(source.lineage(), plan.revision());
    try (ScratchDirectory work = ScratchDirectory.create(parent, "drill");
        RevisionStream stream =
            PrefetchedStream.of(source.at(plan.revision()).openAtBase(Reason.INITIAL))) {
      DrillReport report = new Drill(work.path(), captured, living, progress).run(stream);
      if (report.proved()) {
        repository.prove(source.lineage(), proof(report, plan.bytes()));
      }
      return new Outcome(report, plan.bytes());
    }
  }

  private static Proof proof(DrillReport report, long bytes) throws IOException {
    return new Proof(
        report.hash().revision(),
        report.hash().compactRevision(),
        Integer.toUnsignedLong(report.hash().hash()),
        Clock.systemUTC().instant(),
        InetAddress.getLocalHost().getHostName(),
        report.agreesWithSource(),
        bytes,
        report.transfer().elapsed().toMillis() / 1000.0);
  }
}
