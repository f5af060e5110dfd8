package io.lodestone.migrate;

import io.lodestone.api.LeaseId;
import io.lodestone.api.LodestoneException;
import io.lodestone.api.etcdserverpb.HashKVResponse;
import io.lodestone.client.ClientOptions;
import io.lodestone.client.Endpoint;
import io.lodestone.client.EtcdConnection;
import io.lodestone.client.lockstep.ForgeOptions;
import io.lodestone.client.lockstep.LockstepSink;
import io.lodestone.etcdfile.db.EtcdDatabase;
import io.lodestone.etcdfile.db.SnapshotFileSink;
import io.lodestone.etcdfile.db.SnapshotFileSource;
import io.lodestone.migrate.MigrationDirectory.Hold;
import io.lodestone.migrate.journal.Journal;
import io.lodestone.migrate.journal.JournalEntry.Event;
import io.lodestone.migrate.journal.Outcome;
import io.lodestone.migrate.journal.Phase;
import io.lodestone.revisions.CopyRules;
import io.lodestone.revisions.RevisionStream;
import io.lodestone.revisions.StreamItem;
import io.lodestone.revisions.StreamItem.Complete;
import io.lodestone.revisions.StreamItem.End;
import io.lodestone.revisions.StreamItem.LeaseState;
import io.lodestone.revisions.StreamItem.Reason;
import io.lodestone.revisions.digest.HashKv;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Moves what a stopped cluster has left into one that runs and is empty, through its API, keeping
 * every revision. The source is first written to a file of our own, so that a run that was killed
 * anywhere is continued by the next; HashKV as the file's rows give it is the proof.
 */
public final class ColdMigration {
  private final ClientOptions options;
  private final MigrationDirectory directory;
  private final Duration patience;
  private final MigrationListener listener;

  /** A stream from a base to an end. */
  @FunctionalInterface
  public interface Source {
    RevisionStream open() throws IOException, InterruptedException;
  }

  /** Outcome of a whole migration. */
  public record Moved(long revision, long compactRevision, int leases, int members) {}

  /**
   * @param directory where the journal and the source's data are kept
   * @param patience how long the destination may be away
   */
  public ColdMigration(
      ClientOptions destination, Path directory, Duration patience, MigrationListener listener) {
    this.options = destination;
    this.directory = new MigrationDirectory(directory);
    this.patience = patience;
    this.listener = listener;
  }

  /**
   * Begins, or goes on where the last run ended. When this returns, every member of the destination
   * hashes as the source's rows do.
   *
   * @param name of the source, by which another run knows it again
   */
  public Moved run(String name, Source source) throws IOException, InterruptedException {
    try (Hold hold = directory.hold();
        Journal journal = hold.journal();
        EtcdConnection destination = EtcdConnection.open(options)) {
      begin(journal, name);
      Course course = new Course(journal, directory, listener);
      course.enter(Phase.PREFLIGHT);
      Preflight.requireNoProblem(
          new RunningDestination(Optional.empty(), destination, journal.standing().forging())
              .checks());
      course.enter(Phase.SEED);
      if (!Files.exists(directory.coldSource())) {
        write(source);
      }
      Moved moved = move(destination, course);
      course.enter(Phase.DONE);
      journal.record(Event.ENDED, Map.of("outcome", Outcome.DONE.name()));
      return moved;
    }
  }

  private void begin(Journal journal, String name) throws IOException {
    if (journal.standing().outcome().isPresent()) {
      throw new LodestoneException(
          "the migration in " + directory + " is over", "begin another one with another --dir");
    }
    if (journal.standing().source().isEmpty()) {
      journal.begin(name);
    } else if (!journal.standing().source().get().equals(name)) {
      throw new LodestoneException(
          "the migration in "
              + directory
              + " moves "
              + journal.standing().source().get()
              + ", not "
              + name,
          "name the source it was begun with, or another --dir");
    }
  }

  private void write(Source source) throws IOException, InterruptedException {
    try (RevisionStream stream = source.open();
        SnapshotFileSink file = new SnapshotFileSink(directory.coldSource(), CopyRules.EXACT)) {
      for (StreamItem item = stream.next(); !(item instanceof End); item = stream.next()) {
        file.accept(item);
      }
      long unused = file.commit();
    }
  }

  private Moved move(EtcdConnection destination, Course course)
      throws IOException, InterruptedException {
    ForgeOptions forge =
        new ForgeOptions(
            new SnapshotShelf(directory.fresh("base")),
            EnumSet.allOf(Reason.class),
            new ForgeProgress(destination, true, course));
    Set<LeaseId> leases = new HashSet<>();
    try (LockstepSink sink =
            LockstepSink.forging(destination, lease -> OptionalLong.empty(), patience, forge);
        RevisionStream stream =
            new SnapshotFileSource(directory.coldSource()).openAtBase(Reason.INITIAL)) {
      for (StreamItem item = stream.next(); !(item instanceof End); item = stream.next()) {
        sink.accept(item);
        if (item instanceof LeaseState lease) {
          leases.add(lease.id());
        } else if (item instanceof Complete) {
          long unused = sink.commit();
        }
      }
      long revision = sink.commit();
      course.journal().record(Event.SEEDED, Map.of("revision", Long.toString(revision)));
      sink.alignLeases(leases);
      course.enter(Phase.CONSISTENCY_CHECK);
      long compacted = prove(destination, revision);
      course.journal().note(Event.PROVED, Map.of("proof", "HASH_KV"));
      return new Moved(revision, compacted, leases.size(), destination.endpoints().size());
    }
  }

  private long prove(EtcdConnection destination, long revision) throws IOException {
    try (EtcdDatabase database = EtcdDatabase.open(directory.coldSource())) {
      long compacted = database.compaction().scheduled();
      int newer = HashKv.of(database.rows(), compacted, revision).hash();
      int older = HashKv.asBefore3516(database.rows(), compacted, revision).hash();
      for (Endpoint member : destination.endpoints()) {
        HashKVResponse found = destination.hashKv(member, compacted == revision ? 0 : revision);
        if (found.getHash() != newer && found.getHash() != older) {
          throw new LodestoneException(
              "member "
                  + member
                  + " hashes to "
                  + Integer.toUnsignedLong(found.getHash())
                  + " at revision "
                  + revision
                  + ", where the source's rows hash to "
                  + Integer.toUnsignedLong(newer),
              "somebody else has written to the destination: give it up, and begin with a new one"
                  + " and another --dir");
        }
      }
      return compacted;
    }
  }
}
