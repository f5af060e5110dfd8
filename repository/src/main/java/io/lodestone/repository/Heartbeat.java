package io.lodestone.repository;

import io.lodestone.repository.chain.EntryLog;
import io.lodestone.repository.chain.WriterNote;
import io.lodestone.repository.format.Holder;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps {@code writer.json} fresh. A failure is logged and tried again at the next beat: others may
 * then take over, which fencing makes safe. Thread-safe.
 */
final class Heartbeat {
  private static final Logger LOG = LoggerFactory.getLogger(Heartbeat.class);

  private final Holder holder;
  private final Clock clock;
  private volatile Place place;

  /** What the note says beside the time. */
  record Place(EntryLog log, long epoch, long lastSeq) {}

  Heartbeat(Holder holder, Clock clock, Place place) {
    this.holder = holder;
    this.clock = clock;
    this.place = place;
  }

  void start(ScheduledExecutorService executor, Duration every) {
    Future<?> unused =
        executor.scheduleWithFixedDelay(
            this::beat, every.toMillis(), every.toMillis(), TimeUnit.MILLISECONDS);
  }

  void moveTo(Place next) {
    place = next;
  }

  /** Writes the note now, unless a later epoch has written its own. */
  void beat() {
    write(false);
  }

  /** Says that the holder has stopped in order. */
  void release() {
    write(true);
  }

  private synchronized void write(boolean released) {
    Place now = place;
    try {
      boolean taken = now.log.note().filter(note -> note.epoch() > now.epoch).isPresent();
      if (!taken) {
        now.log.writeNote(
            new WriterNote(holder, now.epoch, clock.instant(), now.lastSeq, released));
      }
    } catch (IOException | RuntimeException e) {
      LOG.atWarn().setCause(e).log("cannot write the heartbeat; others may think us dead");
    }
  }
}
