package io.lodestone.replica;

import io.lodestone.api.LodestoneException;
import io.lodestone.api.StoreException;
import io.lodestone.mvcc.Durability;
import io.lodestone.mvcc.Engine;
import io.lodestone.mvcc.EngineOptions;
import io.lodestone.mvcc.stream.EngineSink;
import io.lodestone.revisions.CopyRules;
import io.lodestone.revisions.RevisionRecord;
import io.lodestone.revisions.RevisionSource;
import io.lodestone.revisions.RevisionStream;
import io.lodestone.revisions.StreamItem;
import io.lodestone.revisions.StreamItem.BaseStart;
import io.lodestone.revisions.StreamItem.Compaction;
import io.lodestone.revisions.StreamItem.Complete;
import io.lodestone.revisions.StreamItem.End;
import io.lodestone.revisions.StreamItem.Reason;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows as a client that watches. Applies what the source does: its tail to the engine that is
 * served, a new base to an engine beside it, which takes the place of the other when it is whole;
 * of a base for changed users, only what is new, in place. Confined to one thread, but for {@link
 * #stop}.
 *
 * <p>The tail is written without syncing: after a loss of power the engine is at an earlier
 * revision, and goes on from there.
 */
final class WatchFollower implements Follower {
  private static final Logger LOG = LoggerFactory.getLogger(WatchFollower.class);
  private static final Duration LONGEST_WAIT = Duration.ofMillis(200);

  /**
   * What comes within this time behind a change is applied and told together: a few revisions cost
   * hardly more than one.
   */
  private static final long PAUSE_MICROS = 2000;

  private static final int MOST_BYTES = 256 << 10;
  private static final int MOST_ITEMS = 1000;

  private final RevisionSource source;
  private final Supplier<OptionalLong> authRevision;
  private final ReplicaDirectory directory;
  private final Audience audience;
  private final List<StreamItem> waiting = new ArrayList<>();
  private Optional<Engine> engine = Optional.empty();
  private Optional<Base> base = Optional.empty();
  private Optional<BaseInPlace> inPlace = Optional.empty();
  private int whole;
  private long waitingBytes;
  private volatile boolean stopped;

  /** A base under way. */
  private record Base(Path target, EngineSink sink) {}

  /**
   * @param authRevision asks the source for its count of all changes of users and roles
   */
  WatchFollower(
      RevisionSource source,
      Supplier<OptionalLong> authRevision,
      ReplicaDirectory directory,
      Audience audience) {
    this.source = source;
    this.authRevision = authRevision;
    this.directory = directory;
    this.audience = audience;
  }

  @Override
  public void resume() throws IOException {
    Optional<Path> newest = directory.newest();
    if (newest.isPresent()) {
      open(newest.get());
    }
  }

  /** Opens a source only where it is needed. */
  @FunctionalInterface
  interface Opening {
    RevisionSource open() throws IOException;
  }

  /**
   * Takes the first base from elsewhere, to its end, where there is no base yet; {@link #run} then
   * goes on behind it, or takes a new base where the source has compacted past it.
   */
  void seed(Opening elsewhere) throws IOException, InterruptedException {
    if (engine.isPresent()) {
      return;
    }
    Path target = directory.next();
    try (RevisionStream stream = elsewhere.open().openAtBase(Reason.INITIAL);
        EngineSink sink = new EngineSink(target, CopyRules.EXACT)) {
      for (StreamItem item = stream.next(); !(item instanceof End); item = stream.next()) {
        if (stopped) {
          return;
        }
        sink.accept(item);
      }
      long revision = sink.commit();
      LOG.atInfo().addKeyValue("revision", revision).log("took the first base from elsewhere");
    }
    open(target);
  }

  @Override
  public void run() throws IOException, InterruptedException {
    try (RevisionStream stream = stream()) {
      while (!stopped) {
        Optional<StreamItem> item = stream.poll(whole > 0 ? Duration.ZERO : LONGEST_WAIT);
        if (item.isPresent()) {
          take(item.get());
        }
        if (whole > 0 && isEnough()) {
          apply();
        } else if (whole > 0 && item.isEmpty()) {
          apply();
          TimeUnit.MICROSECONDS.sleep(PAUSE_MICROS);
        }
      }
    } finally {
      if (base.isPresent()) {
        base.get().sink().close();
      }
    }
  }

  private boolean isEnough() {
    return waitingBytes >= MOST_BYTES || waiting.size() >= MOST_ITEMS;
  }

  @Override
  public void stop() {
    stopped = true;
  }

  private RevisionStream stream() throws IOException, InterruptedException {
    if (engine.isEmpty()) {
      return source.openAtBase(Reason.INITIAL);
    }
    return usersChangedMeanwhile(engine.get())
        ? source.openAtBase(Reason.AUTH_CHANGED)
        : source.openAfter(engine.get().revision());
  }

  private boolean usersChangedMeanwhile(Engine served) {
    try {
      OptionalLong there = authRevision.get();
      return there.isPresent() && there.getAsLong() != served.auth().view().revision();
    } catch (StoreException e) {
      // The stream asks the same, and tells that it may not.
      return false;
    }
  }

  private void take(StreamItem item) throws IOException {
    if (item instanceof BaseStart start) {
      begin(start);
    }
    if (inPlace.isPresent()) {
      takeInPlace(inPlace.get(), item);
      return;
    }
    if (base.isPresent()) {
      takeOfBase(base.get(), item);
      return;
    }
    waiting.add(item);
    if (item instanceof RevisionRecord row) {
      waitingBytes += row.value().size();
    } else if (item instanceof Complete) {
      whole = waiting.size();
    }
  }

  private void apply() throws IOException {
    List<StreamItem> items = waiting.subList(0, whole);
    engine.orElseThrow().follow(List.copyOf(items), Durability.BY_LOG);
    Complete mark = (Complete) items.get(whole - 1);
    items.clear();
    whole = 0;
    waitingBytes = 0;
    tell(mark);
  }

  private void tell(Complete mark) {
    audience.reached(mark.revision());
    audience.current(mark.at());
  }

  private void begin(BaseStart start) throws IOException {
    if (start.reason() == Reason.DIVERGED) {
      throw diverged("no longer has the history that this replica holds");
    }
    if (base.isPresent()) {
      base.get().sink().close();
      base = Optional.empty();
    }
    waiting.clear();
    whole = 0;
    waitingBytes = 0;
    LOG.atInfo().addKeyValue("reason", start.reason()).log("copying a base");
    if (start.reason() == Reason.AUTH_CHANGED && engine.isPresent()) {
      inPlace = Optional.of(new BaseInPlace(engine.get(), start));
    } else {
      inPlace = Optional.empty();
      beginBeside();
    }
  }

  private Base beginBeside() throws IOException {
    Path target = directory.next();
    Base begun = new Base(target, new EngineSink(target, CopyRules.EXACT));
    base = Optional.of(begun);
    return begun;
  }

  /** What comes second tells whether the base can be taken so. */
  private void takeInPlace(BaseInPlace coming, StreamItem item) throws IOException {
    if (item instanceof Compaction compaction && !coming.fits(compaction)) {
      inPlace = Optional.empty();
      EngineSink sink = beginBeside().sink();
      sink.accept(coming.start());
      sink.accept(compaction);
    } else if (item instanceof Complete mark) {
      requireNotBack(mark);
      inPlace = Optional.empty();
      coming.finish();
      tell(mark);
      LOG.atInfo().addKeyValue("revision", mark.revision()).log("took users and roles anew");
    } else {
      coming.accept(item);
    }
  }

  private void takeOfBase(Base coming, StreamItem item) throws IOException {
    coming.sink().accept(item);
    if (item instanceof Complete mark) {
      requireNotBack(mark);
      base = Optional.empty();
      try (EngineSink sink = coming.sink()) {
        sink.commit();
      }
      open(coming.target());
      tell(mark);
      LOG.atInfo().addKeyValue("revision", mark.revision()).log("serving from the new base");
    }
  }

  private void requireNotBack(Complete mark) {
    if (mark.revision() < engine.map(Engine::revision).orElse(0L)) {
      throw diverged("has gone back to revision " + mark.revision());
    }
  }

  private LodestoneException diverged(String what) {
    return new LodestoneException(
        "the source "
            + what
            + ", which is at revision "
            + engine.map(Engine::revision).orElse(0L)
            + ": it was restored, or rebuilt, behind our back",
        "check the source; to copy it as it is now, start again with an empty --data-dir");
  }

  private void open(Path directoryOfBase) throws IOException {
    Engine next = Engine.open(directoryOfBase, EngineOptions.DEFAULT);
    engine = Optional.of(next);
    audience.replaced(next);
    directory.keepOnly(directoryOfBase);
  }
}
