package io.lodestone.replica;

import io.lodestone.api.ErrorCode;
import io.lodestone.api.LodestoneException;
import io.lodestone.api.StoreException;
import io.lodestone.api.etcdserverpb.HashKVResponse;
import io.lodestone.client.EtcdConnection;
import io.lodestone.mvcc.Engine;
import io.lodestone.mvcc.EngineView;
import io.lodestone.revisions.RowScan;
import io.lodestone.revisions.digest.HashKv;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compares one engine with the source, by interval: both sides' HashKV at the engine's revision. A
 * difference counts when it shows twice. Thread-safe; the engine must stay open until this is
 * closed.
 */
final class Verification implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Verification.class);
  private static final int ATTEMPTS = 5;
  private static final long PAUSE_MILLIS = 1000;

  private final Engine engine;
  private final EtcdConnection source;
  private final VerificationRecord record;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread made = new Thread(task, "replica-verify");
            made.setDaemon(true);
            return made;
          });
  private volatile boolean closed;

  /**
   * @param source its first endpoint is asked, which reads its whole keyspace
   * @param record takes the outcomes
   */
  Verification(Engine engine, EtcdConnection source, VerificationRecord record) {
    this.engine = engine;
    this.source = source;
    this.record = record;
  }

  void start(Duration interval) {
    long millis = interval.toMillis();
    var unused = thread.scheduleWithFixedDelay(this::verify, millis, millis, TimeUnit.MILLISECONDS);
  }

  /** Whatever keeps the two from being compared now is left to the next time. */
  private void verify() {
    try {
      verifyUntilComparable();
    } catch (LodestoneException | IOException e) {
      LOG.atWarn().setCause(e).log("the copy could not be compared with its source");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void verifyUntilComparable() throws IOException, InterruptedException {
    boolean differed = false;
    for (int attempt = 0; attempt < ATTEMPTS && !closed; attempt++) {
      Optional<Boolean> equal = compare(differed);
      if (equal.isPresent() && (equal.get() || differed)) {
        return;
      }
      differed |= equal.isPresent();
      TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
    }
  }

  /** Empty where the two cannot be compared just now; {@code again} counts a difference. */
  private Optional<Boolean> compare(boolean again) throws IOException {
    try (EngineView view = engine.view()) {
      long revision = view.revision();
      Optional<HashKv> theirs = ask(revision);
      if (theirs.isEmpty()
          || theirs.get().compactRevision() < view.compactRevision()
          || revision == view.compactRevision()) {
        return Optional.empty();
      }
      HashKv ours = HashKv.of(guarded(view.rows()), theirs.get().compactRevision(), revision);
      if (closed) {
        return Optional.empty();
      }
      tell(ours, theirs.get(), again);
      return Optional.of(ours.equals(theirs.get()));
    }
  }

  private Optional<HashKv> ask(long revision) {
    try {
      HashKVResponse answer = source.hashKv(source.endpoints().get(0), revision);
      return Optional.of(new HashKv(answer.getHash(), answer.getCompactRevision(), revision));
    } catch (StoreException e) {
      if (e.code() != ErrorCode.COMPACTED && e.code() != ErrorCode.FUTURE_REVISION) {
        throw e;
      }
      return Optional.empty();
    }
  }

  /** Reads on only while this is open, so that closing need not wait for a whole pass. */
  private RowScan guarded(RowScan rows) {
    return visitor -> rows.scan(row -> !closed && visitor.row(row));
  }

  private void tell(HashKv ours, HashKv theirs, boolean again) {
    if (ours.equals(theirs)) {
      record.proved(ours.revision());
      LOG.atInfo().addKeyValue("revision", ours.revision()).log("the copy equals its source");
    } else if (again) {
      record.differed();
      LOG.atError()
          .addKeyValue("ours", ours)
          .addKeyValue("source", theirs)
          .addKeyValue(
              "hint",
              "lodestone replica verify names the keys; check the source's members, then start again"
                  + " with an empty --data-dir")
          .log("the copy is not what its source is");
    }
  }

  /** Ends a comparison under way, and waits for that. */
  @Override
  public void close() {
    closed = true;
    thread.shutdownNow();
    try {
      if (!thread.awaitTermination(1, TimeUnit.MINUTES)) {
        LOG.atWarn().log("a comparison with the source does not end");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
