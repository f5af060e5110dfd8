package io.lodestone.migrate;

import io.lodestone.api.LodestoneException;
import io.lodestone.client.UnavailableException;
import io.lodestone.migrate.journal.Phase;
import io.lodestone.revisions.RevisionStream;
import io.lodestone.revisions.StreamItem;
import io.lodestone.revisions.StreamItem.Complete;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Follows the source: carries its tail to the destination, and measures how it keeps up. */
final class Pursuit {
  private static final Logger log = LoggerFactory.getLogger(Pursuit.class);

  /** So few revisions behind, the rest is done in a moment of standstill. */
  static final long CLOSE = 50;

  private static final Duration WAIT = Duration.ofMillis(50);
  private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(500);
  private static final long WINDOW_NANOS = TimeUnit.SECONDS.toNanos(10);

  /** So many windows on end, and the source will not become slower by itself. */
  private static final int OUTRUN_WINDOWS = 3;

  private static final double NANOS = 1e9;

  private final RevisionStream stream;
  private final Receiver receiver;
  private final Carrier carrier;
  private final LongSupplier sourceRevision;
  private final Course course;
  private Look windowStart;
  private Look last;
  private boolean fallingBehind;
  private int windowsBehind;
  private boolean endsWhenOutrun;

  /** Where both sides were at a moment. */
  private record Look(long nanos, long source, long destination) {
    long lag() {
      return source - destination;
    }

    double perSecond(long revisions, Look since) {
      return revisions * NANOS / Math.max(1, nanos - since.nanos);
    }
  }

  /**
   * @param sourceRevision asks the source where it is
   */
  Pursuit(RevisionStream stream, Receiver receiver, LongSupplier sourceRevision, Course course) {
    this.stream = stream;
    this.receiver = receiver;
    this.carrier = new Carrier(stream, receiver);
    this.sourceRevision = sourceRevision;
    this.course = course;
    this.last = look();
    this.windowStart = last;
  }

  /** Ends with an {@link OutrunException} where the source is too fast for half a minute. */
  Pursuit endingWhenOutrun() {
    endsWhenOutrun = true;
    return this;
  }

  /** Until the destination has the base that the stream begins with; returns its revision. */
  long takeBase() throws IOException, InterruptedException {
    boolean whole = false;
    while (!whole) {
      course.heedRequests();
      Optional<StreamItem> item = stream.poll(WAIT);
      if (item.isPresent()) {
        receiver.accept(item.get());
        whole = item.get() instanceof Complete;
      }
    }
    receiver.settle();
    return receiver.revision();
  }

  /** Until the destination is close behind the source. */
  void catchUp() throws IOException, InterruptedException {
    do {
      step();
    } while (last.lag() > CLOSE || receiver.revision() < last.source() - CLOSE);
  }

  /** Until the cutover is asked for and close. */
  void followUntilCutover(boolean atOnce) throws IOException, InterruptedException {
    while (!(atOnce || course.isAsked(Request.CUTOVER)) || last.lag() > CLOSE) {
      step();
    }
  }

  /** Until the destination is close once more, by a new look at the source. */
  void closeUp() throws IOException, InterruptedException {
    do {
      step();
      measure();
    } while (last.lag() > CLOSE);
  }

  /** Waits for something to come, {@code wait} at most, and repeats it. */
  void carry(Duration wait) throws IOException, InterruptedException {
    carrier.carry(wait);
  }

  /** Until the destination has {@code revision}, the source's last. Fails where that takes long. */
  void drainTo(long revision, Duration patience) throws IOException, InterruptedException {
    long giveUpAt = System.nanoTime() + patience.toNanos();
    while (receiver.revision() < revision) {
      course.heedRequests();
      carrier.carry(WAIT);
      if (System.nanoTime() - giveUpAt > 0) {
        throw new LodestoneException(
            "the source's last revisions, up to "
                + revision
                + ", did not reach the destination within "
                + patience.toSeconds()
                + " s; it is at "
                + receiver.revision(),
            "check the members on both sides and the network between, then try again");
      }
    }
  }

  private void step() throws IOException, InterruptedException {
    course.heedRequests();
    carrier.carry(WAIT);
    if (System.nanoTime() - last.nanos() >= LOOK_NANOS) {
      measure();
    }
  }

  private Look look() {
    return new Look(System.nanoTime(), sourceRevision.getAsLong(), receiver.revision());
  }

  /** A source that is away for a moment stands where it stood; the stream waits for it too. */
  private Look nextLook() {
    try {
      return look();
    } catch (LodestoneException e) {
      if (!UnavailableException.isAbsence(e)) {
        throw e;
      }
      return new Look(System.nanoTime(), last.source(), receiver.revision());
    }
  }

  private void measure() throws IOException {
    last = nextLook();
    Phase phase = course.phase();
    course.tell(
        new MigrationStatus(
            Instant.now(),
            phase,
            last.source(),
            last.destination(),
            last.perSecond(last.destination() - windowStart.destination(), windowStart),
            last.perSecond(last.source() - windowStart.source(), windowStart),
            receiver.leases(),
            fallingBehind));
    if (last.nanos() - windowStart.nanos() >= WINDOW_NANOS) {
      judge();
      windowStart = last;
    }
  }

  /** Says early that the source is too fast for a replay in lockstep. */
  private void judge() {
    long written = last.source() - windowStart.source();
    long replayed = last.destination() - windowStart.destination();
    fallingBehind = last.lag() > CLOSE && written > replayed;
    windowsBehind = fallingBehind ? windowsBehind + 1 : 0;
    if (fallingBehind) {
      OutrunException outrun =
          new OutrunException(
              Math.round(last.perSecond(written, windowStart)),
              Math.round(last.perSecond(replayed, windowStart)));
      if (endsWhenOutrun && windowsBehind >= OUTRUN_WINDOWS) {
        throw outrun;
      }
      log.atWarn()
          .addKeyValue("writtenPerSecond", outrun.writtenPerSecond())
          .addKeyValue("replayedPerSecond", outrun.replayedPerSecond())
          .addKeyValue("lagRevisions", last.lag())
          .addKeyValue("hint", outrun.hint())
          .log("the source writes faster than the destination can follow");
    }
  }
}
