package io.lodestone.cli;

import io.lodestone.etcdfile.db.SnapshotFileSource;
import io.lodestone.etcdfile.member.LogEnd;
import io.lodestone.etcdfile.member.MemberDirectorySource;
import io.lodestone.replica.ReplicaDirectorySource;
import io.lodestone.repository.CopySettings;
import io.lodestone.repository.KeptObjects;
import io.lodestone.repository.Position;
import io.lodestone.repository.Position.End;
import io.lodestone.repository.Repository;
import io.lodestone.repository.RepositorySource;
import io.lodestone.repository.objects.CountedReads;
import io.lodestone.repository.objects.ObjectStore;
import io.lodestone.repository.objects.ObjectStores;
import io.lodestone.restore.gardener.GardenerSource;
import io.lodestone.revisions.RevisionSource;
import io.lodestone.revisions.RevisionStream;
import io.lodestone.revisions.StreamItem.Reason;
import io.lodestone.server.DataDirectorySource;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/** What to restore: one of the kinds of source, and the point in its history. */
final class RestoreSource {
  @Option(names = "--repository", paramLabel = "URI", description = RepositoryAddress.HELP)
  private Optional<String> repository = Optional.empty();

  @Option(
      names = "--from-snapshot-file",
      paramLabel = "FILE",
      description = "a snapshot of any etcd v3, or a member's db file")
  private Optional<Path> snapshotFile = Optional.empty();

  @Option(
      names = "--skip-hash-check",
      description =
          "take a snapshot file without a trailer, or with a wrong one, as etcdctl's option of that name does")
  private boolean skipHashCheck;

  @Option(
      names = "--from-member-dir",
      paramLabel = "DIR",
      description =
          "a stopped etcd member's data directory: its database and the committed entries of its log")
  private Optional<Path> memberDirectory = Optional.empty();

  @Option(
      names = "--include-uncommitted",
      description =
          "take the member's log to its last entry: right for the only member of a cluster, "
              + "which commits them all when it starts; else entries may be among them that no client "
              + "was told of")
  private boolean includeUncommitted;

  @Option(
      names = "--from-store-dir",
      paramLabel = "DIR",
      description = "the data directory of a stopped `lodestone store`")
  private Optional<Path> storeDirectory = Optional.empty();

  @Option(
      names = "--from-replica-dir",
      paramLabel = "DIR",
      description = "the data directory of a stopped `lodestone replica`")
  private Optional<Path> replicaDirectory = Optional.empty();

  @Option(
      names = "--from-gardener",
      paramLabel = "URI",
      description =
          "backups of Gardener's etcd-backup-restore, the address above v1 or v2; one cluster's only")
  private Optional<String> gardener = Optional.empty();

  @Option(
      names = "--unpack-dir",
      paramLabel = "DIR",
      description =
          "where objects of --from-gardener are unpacked; default: the system's temporary directory")
  private Path unpackDirectory = Path.of(System.getProperty("java.io.tmpdir"));

  @ArgGroup(validate = false)
  private final RestorePoint point = new RestorePoint();

  @Option(
      names = "--parallel",
      paramLabel = "N",
      defaultValue = "4",
      description =
          "objects of the repository that are read and checked at a time, up to 32, 8 MiB of memory each; default: 4")
  private int parallel;

  /** What is wrong with the options, if anything. */
  Optional<String> misuse() {
    List<Optional<?>> kinds =
        List.of(
            repository, snapshotFile, memberDirectory, storeDirectory, replicaDirectory, gardener);
    if (kinds.stream().filter(Optional::isPresent).count() != 1) {
      return Optional.of(
          "a restore needs one source: --repository, --from-snapshot-file, --from-member-dir,"
              + " --from-store-dir, --from-replica-dir or --from-gardener");
    }
    if (parallel < 1 || parallel > CopySettings.MAX_PARALLEL) {
      return Optional.of(
          "--parallel " + parallel + " is not between 1 and " + CopySettings.MAX_PARALLEL);
    }
    if (point.isTime() && repository.isEmpty() && gardener.isEmpty()) {
      return Optional.of("--to-time goes with --repository or --from-gardener");
    }
    return point.misuse();
  }

  /** The source and the point in its history, as a person named them. */
  String describe() {
    String what =
        Stream.of(
                repository,
                snapshotFile.map(Path::toString),
                memberDirectory.map(Path::toString),
                storeDirectory.map(Path::toString),
                replicaDirectory.map(Path::toString),
                gardener)
            .flatMap(Optional::stream)
            .findFirst()
            .orElse("");
    return what + point.describe();
  }

  boolean isRepository() {
    return repository.isPresent();
  }

  /**
   * What is to be restored.
   *
   * @param stream cut at the point that was asked for
   * @param loss what is done without, where the source can tell
   * @param volume how much is to be read, where somebody watches and the source can tell
   * @param kept what is fetched stays there, for the next attempt
   */
  record Opened(
      RevisionStream stream,
      Optional<LossWindow> loss,
      Optional<Volume> volume,
      Optional<KeptObjects> kept) {

    /** Revisions that the source has behind that point; 0 where it does not tell. */
    long leftOut() {
      return loss.map(LossWindow::leftOutRevisions).orElse(0L);
    }
  }

  /**
   * What is read of a repository.
   *
   * @param totalBytes about how much there is to read
   * @param readBytes how much has been read
   */
  record Volume(long totalBytes, LongSupplier readBytes) {}

  /** Whether the source is a repository on the other side of a network. */
  boolean isRemote() {
    return repository.filter(ObjectStores::isRemote).isPresent();
  }

  Opened open(LineageOption lineage, KeysetOption keyset) throws IOException, InterruptedException {
    return open(lineage, keyset, Optional.empty());
  }

  /**
   * @param downloads where what is fetched of a repository stays until all is done; nowhere if
   *     empty
   */
  Opened open(LineageOption lineage, KeysetOption keyset, Optional<Path> downloads)
      throws IOException, InterruptedException {
    if (repository.isPresent()) {
      return openRepository(repository.get(), lineage, keyset, downloads);
    }
    RevisionStream stream = gardener.isPresent() ? openGardener(gardener.get()) : openFile();
    return new Opened(stream, Optional.empty(), Optional.empty(), Optional.empty());
  }

  private Opened openRepository(
      String uri, LineageOption lineage, KeysetOption keyset, Optional<Path> downloads)
      throws IOException {
    ObjectStore store = ObjectStores.open(uri);
    Optional<KeptObjects> kept =
        downloads.isPresent() ? Optional.of(keep(downloads.get(), store)) : Optional.empty();
    CountedReads reads = new CountedReads(kept.map(ObjectStore.class::cast).orElse(store));
    try {
      Repository opened = Repository.open(reads, keyset.cipher());
      RepositorySource history =
          point.cut(opened.source(lineage.choose(opened)).readingAhead(parallel));
      Optional<LossWindow> loss = loss(opened, history);
      RevisionStream stream = history.openAtBase(Reason.INITIAL);
      Optional<Volume> volume =
          Progress.isShown()
              ? Optional.of(new Volume(history.plan().bytes(), reads::bytes))
              : Optional.empty();
      return new Opened(new OwningStream(stream, opened::close), loss, volume, kept);
    } catch (IOException | RuntimeException e) {
      reads.close();
      throw e;
    }
  }

  private static KeptObjects keep(Path downloads, ObjectStore store) throws IOException {
    try {
      return KeptObjects.in(downloads, store);
    } catch (IOException | RuntimeException e) {
      store.close();
      throw e;
    }
  }

  private RevisionStream openGardener(String uri) throws IOException, InterruptedException {
    ObjectStore store = ObjectStores.open(uri);
    try {
      GardenerSource chain = point.cut(new GardenerSource(store, unpackDirectory));
      return new OwningStream(chain.openAtBase(Reason.INITIAL), store::close);
    } catch (IOException | RuntimeException e) {
      store.close();
      throw e;
    }
  }

  private static Optional<LossWindow> loss(Repository opened, RepositorySource history)
      throws IOException {
    Optional<End> end = opened.lastPosition(history.lineage()).flatMap(Position::end);
    return end.map(
        newest ->
            new LossWindow(
                history.until().orElse(newest.revision()), newest.revision(), newest.at()));
  }

  private RevisionStream openFile() throws IOException, InterruptedException {
    return point.cut(atRest().openAtBase(Reason.INITIAL));
  }

  private RevisionSource atRest() {
    Stream<Optional<RevisionSource>> kinds =
        Stream.of(
            snapshotFile.map(this::snapshot),
            memberDirectory.map(this::memberDirectory),
            storeDirectory.map(DataDirectorySource::new),
            replicaDirectory.map(ReplicaDirectorySource::new));
    return kinds.flatMap(Optional::stream).findFirst().orElseThrow();
  }

  private MemberDirectorySource memberDirectory(Path directory) {
    return new MemberDirectorySource(
        directory, includeUncommitted ? LogEnd.LAST_ENTRY : LogEnd.COMMITTED);
  }

  private SnapshotFileSource snapshot(Path file) {
    return skipHashCheck ? new SnapshotFileSource(file) : SnapshotFileSource.verified(file);
  }
}
