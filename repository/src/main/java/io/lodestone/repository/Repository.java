package io.lodestone.repository;

import com.google.protobuf.ByteString;
import io.lodestone.api.LodestoneException;
import io.lodestone.api.UnsupportedFormatException;
import io.lodestone.repository.History.Stretch;
import io.lodestone.repository.VerifyReport.Progress;
import io.lodestone.repository.chain.Creation;
import io.lodestone.repository.chain.EntryLog;
import io.lodestone.repository.chain.LineageNames;
import io.lodestone.repository.format.BaseFacts;
import io.lodestone.repository.format.ContentCipher;
import io.lodestone.repository.format.HeaderJson;
import io.lodestone.repository.format.Holder;
import io.lodestone.repository.objects.MissingObjectException;
import io.lodestone.repository.objects.ObjectStore;
import io.lodestone.repository.objects.StoredObject;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * A backup repository in an object store: the lineages of any number of clusters. Thread-safe;
 * closing it closes the store.
 */
public final class Repository implements AutoCloseable {
  private static final String ROOT = "repository.json";
  private static final String FORMAT = "lodestone-repository";
  private static final int FIRST_VERSION = 1;

  /** Spans may stand for entries. */
  private static final int SPAN_VERSION = 2;

  /** Contents may be encrypted. */
  private static final int ENCRYPTED_VERSION = 3;

  /** Histories of the keys below a prefix. */
  private static final int PART_VERSION = 4;

  /** Both. */
  private static final int NEWEST_VERSION = 5;

  private static final int MAX_ROOT_BYTES = 64 << 10;

  private final ObjectStore store;
  private final ContentCipher cipher;

  private record Root(String format, int version) {}

  private Repository(ObjectStore store, ContentCipher cipher) {
    this.store = store;
    this.cipher = cipher;
  }

  /** Opens what is there, without keys; a LodestoneException if there is no repository. */
  public static Repository open(ObjectStore store) throws IOException {
    return open(store, ContentCipher.NONE);
  }

  /** Opens what is there; a LodestoneException with a hint if there is no repository. */
  public static Repository open(ObjectStore store, ContentCipher cipher) throws IOException {
    try {
      check(store, root(store));
    } catch (MissingObjectException e) {
      throw new LodestoneException(
          "there is no backup repository at " + store.location(),
          "check the address; a backup agent creates the repository when it first runs",
          e);
    }
    return new Repository(store, cipher);
  }

  /** Opens what is there, or creates an empty repository, without keys. */
  public static Repository openOrCreate(ObjectStore store) throws IOException {
    return openOrCreate(store, ContentCipher.NONE);
  }

  /** Opens what is there, or creates an empty repository, which is durable when this returns. */
  public static Repository openOrCreate(ObjectStore store, ContentCipher cipher)
      throws IOException {
    int version = cipher.newest().isPresent() ? ENCRYPTED_VERSION : SPAN_VERSION;
    ByteString root = HeaderJson.write(new Root(FORMAT, version));
    try {
      check(store, root(store));
    } catch (MissingObjectException e) {
      if (!Creation.create(store, ROOT, root)) {
        check(store, root(store));
      }
    }
    return new Repository(store, cipher);
  }

  private static ByteString root(ObjectStore store) throws IOException {
    try (InputStream in = store.read(ROOT, 0, MAX_ROOT_BYTES)) {
      return ByteString.readFrom(in);
    }
  }

  private static void check(ObjectStore store, ByteString bytes) {
    Root root = HeaderJson.read(Root.class, ROOT, bytes);
    if (!root.format().equals(FORMAT)
        || root.version() < FIRST_VERSION
        || root.version() > NEWEST_VERSION) {
      throw new UnsupportedFormatException(
          store.location()
              + " holds a "
              + root.format()
              + " of version "
              + root.version()
              + "; this program knows "
              + FORMAT
              + " up to version "
              + NEWEST_VERSION,
          "use the program that wrote it, or a newer one");
    }
  }

  /** All lineages, by cluster and timeline. Costs one request for each. */
  public List<Lineage> lineages() throws IOException {
    List<Lineage> lineages = new ArrayList<>();
    String behind = "";
    while (true) {
      Iterator<StoredObject> next = store.list(LineageNames.ROOT, behind);
      if (!next.hasNext()) {
        return lineages.stream().sorted().toList();
      }
      String name = next.next().name().substring(LineageNames.ROOT.length());
      String first = name.contains("/") ? name.substring(0, name.indexOf('/')) : name;
      Lineage.parse(first).ifPresent(lineages::add);
      behind = LineageNames.ROOT + first + "/~";
    }
  }

  /** The newest timeline of a cluster. */
  public Optional<Lineage> newest(long clusterId) throws IOException {
    return lineages().stream()
        .filter(lineage -> lineage.clusterId() == clusterId)
        .reduce((older, newer) -> newer);
  }

  /** Where a lineage ends; empty if it has no entry. */
  public Optional<Position> lastPosition(Lineage lineage) throws IOException {
    EntryLog log = log(lineage);
    OptionalLong last = log.lastSeq();
    return last.isEmpty()
        ? Optional.empty()
        : Optional.of(Positions.read(log, lineage, last.getAsLong()));
  }

  public RepositorySource source(Lineage lineage) {
    return new RepositorySource(store, cipher, lineage);
  }

  /**
   * Looks into a lineage without restoring it.
   *
   * @param spoolDirectory where rows wait that do not fit into memory
   */
  public Contents contents(Lineage lineage, Path spoolDirectory) {
    return new Contents(log(lineage), spoolDirectory);
  }

  /**
   * The same for the keys of a cluster that begin with {@code prefix}, which have a lineage of
   * their own.
   */
  public RepositoryWriter openWriter(
      long clusterId, ByteString prefix, Holder holder, Takeover takeover, WriterSettings settings)
      throws IOException {
    requireKeys();
    announce(PART_VERSION);
    long history = Lineage.history(clusterId, Optional.of(prefix));
    return openWriter(history, holder, takeover, settings);
  }

  /**
   * Takes the newest timeline of a cluster over, or begins its first. Fails with {@link
   * RepositoryHeldException} while another agent holds it, and changes nothing where the keys are
   * not those of what is there.
   */
  public RepositoryWriter openWriter(
      long clusterId, Holder holder, Takeover takeover, WriterSettings settings)
      throws IOException {
    announceContents();
    Lineage lineage = newest(clusterId).orElse(new Lineage(clusterId, 1));
    EntryLog log = log(lineage);
    OptionalLong last = log.lastSeq();
    boolean ended = last.isPresent() && log.header(last.getAsLong()).successor().isPresent();
    if (last.isPresent() && !ended && cipher.newest().isPresent()) {
      // Who has other keys must fail before the log is taken from who has the right ones.
      Position unused = Positions.read(log, lineage, last.getAsLong());
    }
    Lineage open = ended ? lineage.nextTimeline() : lineage;
    return RepositoryWriter.open(log(open), open, holder, takeover, settings);
  }

  /** What retention would delete of a lineage, counted from {@code now}; changes nothing. */
  public ExpiryPlan planExpiry(Lineage lineage, RetentionPolicy policy, Instant now)
      throws IOException {
    return new ExpiryPlanner(log(lineage), lineage).plan(policy, now);
  }

  /**
   * Carries a plan out, also while an agent writes. Fails, and deletes nothing, where something was
   * marked or compacted since it was made. Whenever it stops, everything that the plan keeps can be
   * restored; planning and expiring again finishes the work.
   */
  public ExpiryReport expire(ExpiryPlan plan) throws IOException {
    announceSpans();
    return new Expiry(log(plan.lineage()), plan).execute();
  }

  /**
   * Merges entries of a lineage level by level, also while an agent writes and others read. What is
   * merged is read back and compared before anything is deleted; whenever this stops, the log is
   * whole, and a later run finishes the work. Several at once do no harm; what one that died has
   * left is deleted from {@link CompactionNotice#LONGEST} after its start on.
   */
  public CompactionReport compact(Lineage lineage, Levels levels, WriterSettings settings)
      throws IOException, InterruptedException {
    announceSpans();
    announceContents();
    EntryLog log = log(lineage);
    try (CompactionNotice notice = CompactionNotice.post(log, settings.clock().instant());
        PartUploader uploader = new PartUploader(store, settings.uploads())) {
      SpanMerge merge = new SpanMerge(log, settings, uploader);
      return new LogCompactor(log, levels, merge, notice).compact();
    }
  }

  /**
   * Takes the newest timeline of a lineage's cluster over, and appends a base made out of its
   * newest base and the log behind it; see {@link RepositoryWriter#synthesizeBase}. Fails with
   * {@link RepositoryHeldException} while an agent writes.
   */
  public boolean synthesizeBase(
      Lineage lineage, Holder holder, WriterSettings settings, Path spoolDirectory)
      throws IOException, InterruptedException {
    History history = History.read(log(lineage));
    Stretch newest = history.newest().orElseThrow(history::empty);
    if (newest.base().standing().revision() == newest.end().revision()) {
      return false;
    }
    if (!newest(lineage.clusterId()).equals(Optional.of(lineage))) {
      throw new LodestoneException(
          "lineage " + lineage + " has ended: a later timeline of its cluster carries on",
          "make a base of that one; this one can be restored as it is");
    }
    try (RepositoryWriter writer =
        openWriter(lineage.clusterId(), holder, Takeover.WHEN_SILENT, settings)) {
      return writer.synthesizeBase(spoolDirectory);
    }
  }

  /**
   * Brings the copy of a lineage in another repository up to where this one is now, also while an
   * agent writes here. Whenever it stops, the copy is a log that can be restored from, up to where
   * it has come; the next run goes on there. Fails with {@link RepositoryHeldException} while
   * somebody writes there, and where that log is no copy of this one.
   */
  public CopyReport copyTo(Repository copy, Lineage lineage, CopySettings settings)
      throws IOException, InterruptedException {
    if (store.location().equals(copy.store.location())) {
      throw new LodestoneException(
          store.location() + " cannot be copied into itself", "give another address");
    }
    copy.announce(version());
    return CopyRun.copy(log(lineage), copy.log(lineage), lineage, settings);
  }

  /** Keeps a revision, whatever the retention; fails where it cannot be restored. */
  public Mark mark(Lineage lineage, long revision, Clock clock) throws IOException {
    Mark mark = new Mark(revision, clock.instant());
    new Marks(log(lineage)).set(mark);
    return mark;
  }

  /** Leaves a marked revision to retention; fails where it is not marked. */
  public void unmark(Lineage lineage, long revision) throws IOException {
    new Marks(log(lineage)).remove(revision);
  }

  /** The marked revisions of a lineage, ascending. */
  public List<Mark> marks(Lineage lineage) throws IOException {
    return new Marks(log(lineage)).list();
  }

  /** Keeps the newest proof that a lineage can be restored; the last one to say so wins. */
  public void prove(Lineage lineage, Proof proof) throws IOException {
    new Proofs(log(lineage)).set(proof);
  }

  /** The newest proof; empty where nothing was ever proved. */
  public Optional<Proof> lastProof(Lineage lineage) throws IOException {
    return new Proofs(log(lineage)).last();
  }

  /** Keeps what the source said of a captured revision; durable when this returns. */
  public void keepSourceHash(Lineage lineage, SourceHash hash) throws IOException {
    new SourceHashes(log(lineage)).keep(hash);
  }

  /** The source's hash of that revision, where what is stored can be compared with it. */
  public Optional<SourceHash> sourceHash(Lineage lineage, long revision) throws IOException {
    EntryLog log = log(lineage);
    History history = History.read(log);
    return new SourceHashes(log)
        .of(revision)
        .filter(hash -> SourceHashes.isComparable(history, hash));
  }

  /** The newest of the source's hashes that what is stored can be compared with. */
  public Optional<SourceHash> newestSourceHash(Lineage lineage) throws IOException {
    EntryLog log = log(lineage);
    return new SourceHashes(log).newestComparable(History.read(log));
  }

  /**
   * How many seconds restoring the newest point of a lineage may take, by the speed of the last
   * drill; empty where there was none. Costs a listing of what will be read.
   */
  public OptionalDouble restoreSeconds(Lineage lineage) throws IOException {
    Optional<Proof> proof = lastProof(lineage);
    return proof.isEmpty()
        ? OptionalDouble.empty()
        : proof.get().secondsFor(source(lineage).plan().bytes());
  }

  private EntryLog log(Lineage lineage) {
    return new EntryLog(store, cipher, lineage.toString());
  }

  /** So that a program that knows no spans says so, and does not miss the entries. */
  private void announceSpans() throws IOException {
    announce(SPAN_VERSION);
  }

  /**
   * So that a program that cannot decrypt says so; and so that nobody adds contents in the clear
   * from now on.
   */
  private void announceContents() throws IOException {
    requireKeys();
    if (cipher.newest().isPresent()) {
      announce(ENCRYPTED_VERSION);
    }
  }

  private void requireKeys() throws IOException {
    if (cipher.newest().isEmpty() && isEncrypted(version())) {
      throw new LodestoneException(
          "the repository at " + store.location() + " is encrypted, and no keyset was given",
          "give the one that it was written with, with --keyset or LODESTONE_KEYSET");
    }
  }

  private static boolean isEncrypted(int version) {
    return version == ENCRYPTED_VERSION || version == NEWEST_VERSION;
  }

  /** What one version allows stays allowed when another one is added. */
  private void announce(int version) throws IOException {
    int now = version();
    boolean both =
        Math.min(now, version) == ENCRYPTED_VERSION && Math.max(now, version) == PART_VERSION;
    int needed = both ? NEWEST_VERSION : Math.max(now, version);
    if (now < needed) {
      store.overwrite(ROOT, HeaderJson.write(new Root(FORMAT, needed)));
    }
  }

  private int version() throws IOException {
    return HeaderJson.read(Root.class, ROOT, root(store)).version();
  }

  /** What can be restored, what is missing, who writes. */
  public Description describe() throws IOException {
    List<Description.LineageDescription> described = new ArrayList<>();
    for (Lineage lineage : lineages()) {
      described.add(Describer.describe(store, lineage));
    }
    return new Description(store.location(), described);
  }

  /** When the newest base of a lineage was captured; empty if it has none. */
  public Optional<Instant> newestBase(Lineage lineage) throws IOException {
    EntryLog log = log(lineage);
    OptionalLong last = log.lastSeq();
    long base = last.isEmpty() ? 0 : log.header(last.getAsLong()).standing().baseSeq();
    return base == 0 ? Optional.empty() : log.header(base).base().map(BaseFacts::capturedAt);
  }

  /** Reads and checks everything of one lineage. */
  public VerifyReport verify(Lineage lineage, Progress progress)
      throws IOException, InterruptedException {
    requireKeys();
    Verifier verifier = new Verifier(store, cipher, progress);
    verifier.verify(lineage);
    return verifier.report();
  }

  /** Reads and checks everything. */
  public VerifyReport verify(Progress progress) throws IOException, InterruptedException {
    requireKeys();
    Verifier verifier = new Verifier(store, cipher, progress);
    for (Lineage lineage : lineages()) {
      verifier.verify(lineage);
    }
    return verifier.report();
  }

  @Override
  public void close() {
    store.close();
  }
}
