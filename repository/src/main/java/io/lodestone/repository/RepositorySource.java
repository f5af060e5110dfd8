package io.lodestone.repository;

import io.lodestone.repository.History.Stretch;
import io.lodestone.repository.chain.EntryLog;
import io.lodestone.repository.format.ContentCipher;
import io.lodestone.repository.objects.ObjectStore;
import io.lodestone.revisions.RevisionSource;
import io.lodestone.revisions.RevisionStream;
import io.lodestone.revisions.StopAt;
import io.lodestone.revisions.StreamItem.Reason;
import java.io.IOException;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A lineage as the source of a restore: up to its end as it is when a stream is opened, or cut at a
 * revision or a time. Everything is checked on the way; damage fails the stream and names the
 * object. Holds one object of at most 64 MiB in memory. Immutable.
 */
public final class RepositorySource implements RevisionSource {
  private final ObjectStore store;
  private final ContentCipher cipher;
  private final Lineage lineage;
  private final OptionalLong until;
  private final int objectsAhead;

  RepositorySource(ObjectStore store, ContentCipher cipher, Lineage lineage) {
    this(store, cipher, lineage, OptionalLong.empty(), 0);
  }

  private RepositorySource(
      ObjectStore store,
      ContentCipher cipher,
      Lineage lineage,
      OptionalLong until,
      int objectsAhead) {
    this.store = store;
    this.cipher = cipher;
    this.lineage = lineage;
    this.until = until;
    this.objectsAhead = objectsAhead;
  }

  /**
   * The same, of which so many objects are read and checked ahead, each on a thread of its own and
   * held in memory, up to 8 MiB as a rule; 0 for none.
   */
  public RepositorySource readingAhead(int objects) {
    return new RepositorySource(store, cipher, lineage, until, objects);
  }

  /** The same lineage, cut at main revision {@code revision}. */
  public RepositorySource at(long revision) {
    return new RepositorySource(store, cipher, lineage, OptionalLong.of(revision), objectsAhead);
  }

  /**
   * The same lineage, cut at the last revision that was complete at {@code time}, by the clock of
   * the agent that captured it. Fails where nothing is known about that time.
   */
  public RepositorySource at(Instant time) throws IOException {
    return at(History.read(log()).revisionAt(time));
  }

  public Lineage lineage() {
    return lineage;
  }

  /** The revision this is cut at; empty where it goes to the end. */
  public OptionalLong until() {
    return until;
  }

  /** What {@link #openAtBase} will read; costs a few headers and a listing of that stretch. */
  public RestorePlan plan() throws IOException {
    EntryLog log = log();
    History history = History.read(log);
    return new RestorePlanner(log, lineage).plan(history, start(history), until);
  }

  /** From the newest base, or, when cut, from the best one for the cut. */
  @Override
  public RevisionStream openAtBase(Reason reason) throws IOException {
    EntryLog log = log();
    History history = History.read(log);
    Stretch stretch = start(history);
    return cut(
        new LogStream(
            log,
            stretch.base().seq(),
            lastSeq(history, stretch),
            Optional.of(reason),
            false,
            objectsAhead));
  }

  /** What lies behind the cut is not even read ahead. */
  private long lastSeq(History history, Stretch stretch) throws IOException {
    boolean cut =
        objectsAhead > 0
            && until.isPresent()
            && until.getAsLong() < stretch.end().revision()
            && until.getAsLong() > stretch.base().standing().revision();
    return cut ? history.lastNeeded(stretch, until.getAsLong()) : stretch.lastSeq();
  }

  private Stretch start(History history) {
    if (until.isPresent()) {
      return history.covering(until.getAsLong());
    }
    return history.newest().orElseThrow(history::empty);
  }

  /**
   * Where {@code revision} is in the log, the tail behind it, up to the end of the log; a base on
   * the way is delivered only if it tells something new. Otherwise (also where something behind it
   * has expired) as from a base, with the reason COMPACTED, or DIVERGED if the log does not reach
   * that far.
   */
  @Override
  public RevisionStream openAfter(long revision) throws IOException {
    EntryLog log = log();
    History history = History.read(log);
    Stretch newest = history.newest().orElseThrow(history::empty);
    if (revision > newest.end().revision()) {
      return openAtBase(Reason.DIVERGED);
    }
    Optional<Stretch> holding =
        history.stretches().stream()
            .filter(stretch -> stretch.base().standing().revision() <= revision)
            .filter(stretch -> stretch.end().revision() >= revision)
            .reduce((older, newer) -> newer);
    return holding.isEmpty() || !history.isWholeFrom(holding.get())
        ? openAtBase(Reason.COMPACTED)
        : cut(tail(log, history, holding.get(), revision));
  }

  private RevisionStream tail(EntryLog log, History history, Stretch stretch, long revision)
      throws IOException {
    long from = history.firstAbove(stretch, revision).orElse(stretch.lastSeq() + 1);
    long complete =
        from > stretch.base().seq() ? log.header(from - 1).standing().revision() : revision;
    LogStream entries =
        new LogStream(log, from, history.lastSeq(), Optional.empty(), false, objectsAhead);
    return new After(entries, revision, complete);
  }

  private RevisionStream cut(RevisionStream stream) {
    return until.isPresent() ? new StopAt(stream, until.getAsLong()) : stream;
  }

  private EntryLog log() {
    return new EntryLog(store, cipher, lineage.toString());
  }
}
