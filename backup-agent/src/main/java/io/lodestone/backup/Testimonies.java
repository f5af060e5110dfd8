package io.lodestone.backup;

import io.grpc.Status;
import io.lodestone.api.LodestoneException;
import io.lodestone.api.StoreException;
import io.lodestone.repository.Lineage;
import io.lodestone.repository.SourceHash;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * When the source is asked for its hash: at each base, and once an interval at the revision that
 * has just become durable, on a thread of its own so that nothing waits for it. What cannot be had
 * is said and gone without: a hash that failed is asked for again a little later, one that is
 * forbidden never again. Confined to the agent's thread, but for what that thread does.
 */
final class Testimonies implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Testimonies.class);
  private static final Duration PAUSE_AFTER_FAILURE = Duration.ofSeconds(10);
  private static final Duration LONGEST_QUESTION = Duration.ofMinutes(5);

  private final SourceWitness witness;
  private final Optional<Duration> interval;
  private final ExecutorService thread;
  private boolean baseWaits;

  /** The revision of the last answer. */
  private volatile long answered;

  /** By {@code nanoTime}. */
  private volatile long nextNanos;

  private volatile boolean busy;
  private volatile boolean forbidden;
  private volatile boolean closed;

  /**
   * @param interval between two questions; empty for never
   * @param sinceLast how long ago the source last told a hash
   */
  Testimonies(SourceWitness witness, Optional<Duration> interval, Optional<Duration> sinceLast) {
    this.witness = witness;
    this.interval = interval;
    this.nextNanos =
        System.nanoTime()
            + sinceLast
                .flatMap(since -> interval.map(every -> every.minus(since)))
                .orElse(Duration.ZERO)
                .toNanos();
    this.thread =
        Executors.newSingleThreadExecutor(
            work -> {
              Thread made = new Thread(work, Thread.currentThread().getName() + "-source-hash");
              made.setDaemon(true);
              return made;
            });
  }

  /**
   * Everything up to {@code revision} is durable. Returns at once.
   *
   * @param base whether a base has become durable with it
   */
  void durable(Lineage lineage, long revision, boolean base) {
    baseWaits |= base;
    boolean due = baseWaits || System.nanoTime() - nextNanos >= 0;
    if (interval.isEmpty() || forbidden || busy || !due || revision == answered) {
      return;
    }
    baseWaits = false;
    busy = true;
    thread.execute(() -> ask(lineage, revision));
  }

  private void ask(Lineage lineage, long revision) {
    Duration pause = PAUSE_AFTER_FAILURE;
    try {
      Optional<SourceHash> hash = witness.attest(lineage, revision);
      answered = hash.map(SourceHash::revision).orElse(answered);
      pause = hash.isPresent() ? interval.orElseThrow() : pause;
    } catch (IOException | LodestoneException e) {
      forbidden = isForbidden(e);
      if (!closed) {
        LOG.atWarn()
            .setCause(e)
            .addKeyValue("revision", revision)
            .addKeyValue("tryAgain", !forbidden)
            .log("the source cannot be asked for its hash; going on without");
      }
    } finally {
      nextNanos = System.nanoTime() + pause.toNanos();
      busy = false;
    }
  }

  private static boolean isForbidden(Exception failure) {
    return failure instanceof StoreException refused
        && refused.code().status() == Status.Code.PERMISSION_DENIED;
  }

  /** Waits for the answer to what was asked. */
  void finish() throws InterruptedException {
    thread.shutdown();
    boolean unused = thread.awaitTermination(LONGEST_QUESTION.toSeconds(), TimeUnit.SECONDS);
  }

  /** Asks no more, and waits for no answer. */
  @Override
  public void close() {
    closed = true;
    thread.shutdownNow();
  }
}
