package io.lodestone.client;

import com.google.protobuf.ByteString;
import io.lodestone.api.KeyRange;
import io.lodestone.api.LodestoneException;
import io.lodestone.api.Revision;
import io.lodestone.api.etcdserverpb.WatchResponse;
import io.lodestone.api.mvccpb.Event;
import io.lodestone.revisions.Origin;
import io.lodestone.revisions.RevisionRecord;
import io.lodestone.revisions.RevisionStream;
import io.lodestone.revisions.StreamItem;
import io.lodestone.revisions.StreamItem.BaseStart;
import io.lodestone.revisions.StreamItem.Compaction;
import io.lodestone.revisions.StreamItem.Complete;
import io.lodestone.revisions.StreamItem.End;
import io.lodestone.revisions.StreamItem.Reason;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The stream of a {@link PrefixCluster}: a base where one is due, then the events of a watch, made
 * whole revisions, and Completes in between.
 *
 * <p>Events come in order, so an event says that all before it was told. Where none come, the
 * member is asked each heartbeat how far it has told everything. An old one may answer ahead of
 * events (see {@link KeyspaceWatch#requestProgress}); so its answer counts only when the next one
 * has come and still nothing else has. Should an event be later than that, it is noticed, and a new
 * base taken.
 *
 * <p>Confined to the reader's thread, but for {@link #close}.
 */
final class PrefixStream implements RevisionStream {
  private static final Logger LOG = LoggerFactory.getLogger(PrefixStream.class);

  private static final Duration SLICE = Duration.ofMillis(100);
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final EtcdConnection connection;
  private final ByteString prefix;
  private final KeyRange keys;
  private final FollowOptions options;
  private final Clock clock;
  private final CompactionProbe compactions;
  private final Attempts attempts;
  private final Consumer<Complete> told;
  private final CountDownLatch closing = new CountDownLatch(1);

  private final Deque<StreamItem> ready = new ArrayDeque<>();
  private final List<RevisionRecord> begun = new ArrayList<>();
  private Optional<Reason> baseDue;
  private volatile Optional<PrefixBase> base = Optional.empty();
  private Instant baseAt = Instant.MIN;
  private volatile Optional<KeyspaceWatch> watch = Optional.empty();
  private int member;
  private long complete;
  private Instant lastMark;

  /** The watch began behind {@link #complete}, but was it still whole there? */
  private boolean unproved;

  /** Since when the member was asked how far it is, and has not answered. */
  private Optional<Instant> asked = Optional.empty();

  /** An answer that counts once another one has come. */
  private Optional<Complete> promised = Optional.empty();

  private long askedNanos;
  private long heardNanos;
  private long pauseUntilNanos = System.nanoTime();

  /**
   * @param baseDue why the stream begins with a base; empty to go on behind {@code position}
   * @param position for a base, where it had best be, as it is known when that was all there was;
   *     without that time anywhere
   * @param told up to where everything was handed out, each time
   */
  PrefixStream(
      EtcdConnection connection,
      ByteString prefix,
      FollowOptions options,
      Clock clock,
      Optional<Reason> baseDue,
      Complete position,
      Consumer<Complete> told) {
    this.connection = connection;
    this.prefix = prefix;
    this.keys = KeyRange.prefix(prefix);
    this.options = options;
    this.clock = clock;
    this.compactions = new CompactionProbe(connection, prefix);
    this.attempts = new Attempts(connection);
    this.baseDue = baseDue;
    this.complete = position.revision();
    this.lastMark = position.at();
    this.told = told;
  }

  @Override
  public Optional<StreamItem> poll(Duration maxWait) throws IOException, InterruptedException {
    try {
      return take(maxWait);
    } catch (IOException | RuntimeException e) {
      if (isClosed()) {
        return Optional.of(new End()); // its file was closed under the reader, as it asked for
      }
      throw e;
    }
  }

  private Optional<StreamItem> take(Duration maxWait) throws IOException, InterruptedException {
    long deadline = System.nanoTime() + maxWait.toNanos();
    do {
      if (isClosed()) {
        return Optional.of(new End());
      }
      if (ready.isEmpty()) {
        advance(untilNext(deadline));
      }
      Optional<StreamItem> item = Optional.ofNullable(ready.poll());
      if (item.isPresent()) {
        handedOut(item.get());
        return item;
      }
    } while (deadline - System.nanoTime() > 0);
    return isClosed() ? Optional.of(new End()) : Optional.empty();
  }

  private boolean isClosed() {
    return closing.getCount() == 0;
  }

  private static Duration untilNext(long deadline) {
    Duration left = Duration.ofNanos(Math.max(deadline - System.nanoTime(), 0));
    return left.compareTo(SLICE) < 0 ? left : SLICE;
  }

  private void handedOut(StreamItem item) {
    if (item instanceof Complete mark) {
      told.accept(mark);
    }
  }

  private void advance(Duration wait) throws IOException, InterruptedException {
    try {
      if (base.isPresent()) {
        readBase(base.get());
      } else if (pauseUntilNanos - System.nanoTime() > 0) {
        boolean unused = closing.await(wait.toNanos(), TimeUnit.NANOSECONDS);
      } else if (baseDue.isPresent()) {
        beginBase(baseDue.get());
      } else if (watch.isEmpty()) {
        beginWatch();
      } else {
        listen(watch.get(), wait);
      }
    } catch (LodestoneException e) {
      recover(e);
    }
  }

  private void beginBase(Reason reason) throws IOException {
    stopWatching();
    Instant now = clock.instant();
    boolean anywhere = reason == Reason.DIVERGED || lastMark.equals(Instant.MIN);
    long wanted = anywhere ? 0 : complete;
    PrefixBase fetched = PrefixBase.fetch(connection, keys, wanted, options.spoolDirectory());
    base = Optional.of(fetched);
    baseAt = fetched.revision() == wanted ? lastMark : now;
    baseDue = Optional.empty();
    Origin origin = new Origin(connection.clusterId(), fetched.memberId(), "");
    ready.add(new BaseStart(origin, baseAt, reason, Optional.of(prefix)));
    ready.add(new Compaction(fetched.revision(), fetched.revision()));
    LOG.atInfo()
        .addKeyValue("reason", reason)
        .addKeyValue("revision", fetched.revision())
        .log("taking a base of one prefix");
  }

  private void readBase(PrefixBase fetched) throws IOException {
    Optional<RevisionRecord> row = fetched.next();
    if (row.isPresent()) {
      ready.add(row.get());
      return;
    }
    complete = fetched.revision();
    mark(complete, baseAt);
    base = Optional.empty();
    fetched.close();
  }

  private void beginWatch() throws InterruptedException {
    if (connection.revision(keys) < complete) {
      baseDue = Optional.of(Reason.DIVERGED);
      return;
    }
    Endpoint endpoint = connection.endpoints().get(member);
    watch = Optional.of(KeyspaceWatch.open(connection, endpoint, keys, complete + 1, PATIENCE));
    unproved = true;
    asked = Optional.empty();
    promised = Optional.empty();
    heardNanos = System.nanoTime();
    askedNanos = heardNanos - options.heartbeatInterval().toNanos();
  }

  private void listen(KeyspaceWatch open, Duration wait) throws InterruptedException {
    askHowFar(open);
    Optional<WatchResponse> response = open.poll(wait);
    if (response.isPresent()) {
      take(response.get());
    } else if (System.nanoTime() - heardNanos > options.stallTimeout().toNanos()) {
      throw new UnavailableException(
          "Watch on " + connection.endpoints().get(member) + " does not say how far it is",
          "the member is cut off or overloaded: check it",
          false,
          null);
    }
  }

  private void askHowFar(KeyspaceWatch open) {
    boolean due = System.nanoTime() - askedNanos >= options.heartbeatInterval().toNanos();
    if (due) {
      asked = asked.or(() -> Optional.of(clock.instant()));
      askedNanos = System.nanoTime();
      open.requestProgress();
    }
  }

  private void take(WatchResponse response) {
    if (response.getCanceled()) {
      begin(Reason.COMPACTED, "the cluster compacted revisions that were still to be read");
      return;
    }
    heardNanos = System.nanoTime();
    attempts.succeeded();
    if (unproved && isCompactedPastStart()) {
      begin(Reason.COMPACTED, "the cluster compacted the revision that the watch began with");
      return;
    }
    unproved = false;
    if (response.getEventsCount() == 0 && !response.getFragment()) {
      answered(response.getHeader().getRevision());
      return;
    }
    for (Event event : response.getEventsList()) {
      if (event.getKv().getModRevision() <= complete) {
        begin(
            Reason.COMPACTED,
            "an event of revision "
                + event.getKv().getModRevision()
                + " came after the member had said that all was told");
        return;
      }
      take(event);
    }
    if (!response.getFragment()) {
      finish();
    }
  }

  /** See {@link TailReader}: a watch that begins at the compact revision may lack deletions. */
  private boolean isCompactedPastStart() {
    return complete > 0
        && compactions.isCompactedPast(connection.endpoints().get(member), complete);
  }

  private void begin(Reason reason, String why) {
    LOG.atWarn().addKeyValue("position", complete).log(why);
    stopWatching();
    baseDue = Optional.of(reason);
  }

  private void answered(long revision) {
    if (asked.isEmpty()) {
      return;
    }
    Instant at = asked.get();
    asked = Optional.empty();
    promised
        .filter(one -> one.revision() >= complete && one.at().isAfter(lastMark))
        .ifPresent(one -> mark(one.revision(), one.at()));
    promised = Optional.of(new Complete(revision, at));
  }

  private void take(Event event) {
    long main = event.getKv().getModRevision();
    if (!begun.isEmpty() && begun.get(0).main() != main) {
      finish();
    }
    Revision revision = new Revision(main, begun.size());
    begun.add(
        event.getType() == Event.EventType.DELETE
            ? RevisionRecord.delete(revision, event.getKv().getKey())
            : RevisionRecord.put(revision, event.getKv()));
  }

  private void finish() {
    if (!begun.isEmpty()) {
      long main = begun.get(0).main();
      ready.addAll(begun);
      begun.clear();
      mark(main, clock.instant());
    }
  }

  private void mark(long revision, Instant at) {
    complete = revision;
    lastMark = at;
    ready.add(new Complete(revision, at));
  }

  /** Makes ready for another attempt after a pause, or gives up by throwing {@code failure}. */
  private void recover(LodestoneException failure) {
    stopWatching();
    if (isClosed()) {
      return;
    }
    if (!attempts.mayCure(failure)) {
      throw failure;
    }
    member = (member + 1) % connection.endpoints().size();
    long pause = attempts.next(complete, failure);
    pauseUntilNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(pause);
  }

  private void stopWatching() {
    watch.ifPresent(KeyspaceWatch::close);
    watch = Optional.empty();
    begun.clear();
  }

  @Override
  public void close() throws IOException {
    closing.countDown();
    watch.ifPresent(KeyspaceWatch::close);
    if (base.isPresent()) {
      base.get().close();
    }
  }
}
