package io.lodestone.backup;

import io.lodestone.repository.RepositoryWriter;
import io.lodestone.revisions.RevisionRecord;
import io.lodestone.revisions.RevisionStream;
import io.lodestone.revisions.StreamItem;
import io.lodestone.revisions.StreamItem.BaseStart;
import io.lodestone.revisions.StreamItem.Complete;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One stream into one writer, sealed as the policy says. */
final class Session {
  private static final Logger LOG = LoggerFactory.getLogger(Session.class);
  private static final Duration LONGEST_WAIT = Duration.ofMillis(200);

  private final RevisionStream stream;
  private final RepositoryWriter writer;
  private final SealPolicy policy;
  private final Progress progress;
  private final Testimonies testimonies;
  private final BooleanSupplier stop;
  private final BooleanSupplier baseWanted;
  private final Chore chore;
  private long sealedNanos = System.nanoTime();
  private long waitingBytes;
  private boolean anythingWaits;
  private boolean baseWaits;
  private Optional<Complete> completeWaits = Optional.empty();
  private boolean baseUnsealed;
  private long baseRevision;
  private long complete;
  private boolean betweenRevisions;

  /** Work on the log itself, done between two revisions that are sealed, once it is wanted. */
  record Chore(BooleanSupplier isWanted, Work work) {

    interface Work {
      void run() throws IOException, InterruptedException;
    }
  }

  /**
   * @param baseWanted whether to end, so that another session can begin with a base
   */
  Session(
      RevisionStream stream,
      RepositoryWriter writer,
      SealPolicy policy,
      Progress progress,
      Testimonies testimonies,
      BooleanSupplier stop,
      BooleanSupplier baseWanted,
      Chore chore) {
    this.stream = stream;
    this.writer = writer;
    this.policy = policy;
    this.progress = progress;
    this.testimonies = testimonies;
    this.stop = stop;
    this.baseWanted = baseWanted;
    this.chore = chore;
    this.complete = progress.durable();
  }

  /** The stream begins with a base: nothing before its end is sealed. */
  Session awaitBase() {
    baseWaits = true;
    return this;
  }

  /**
   * Ends when the goal is reached, somebody asks to stop, or a base is wanted while none is being
   * taken, with everything complete sealed; a base that is not is dropped.
   *
   * @param target the revision to catch up with
   */
  void run(Goal goal, long target) throws IOException, InterruptedException {
    while (!isReached(goal, target) && !stop.getAsBoolean() && !mustBeginAnew()) {
      Optional<StreamItem> item = stream.poll(untilNextLook());
      if (item.isPresent()) {
        take(item.get());
      }
      if (isDue()) {
        seal();
      }
      if (betweenRevisions && !baseWaits && chore.isWanted().getAsBoolean()) {
        sealWhatWaits();
        chore.work().run();
      }
    }
    if (!baseWaits) {
      sealWhatWaits();
    }
  }

  private void sealWhatWaits() throws IOException, InterruptedException {
    if (completeWaits.isPresent()) {
      seal();
    }
  }

  private boolean mustBeginAnew() {
    return !baseWaits && !baseUnsealed && baseWanted.getAsBoolean();
  }

  private boolean isReached(Goal goal, long target) {
    return switch (goal) {
      case FOLLOW -> false;
      case CATCH_UP -> !baseWaits && complete >= target;
      case BASE -> baseRevision > 0;
    };
  }

  private Duration untilNextLook() {
    return policy.interval().compareTo(LONGEST_WAIT) < 0 ? policy.interval() : LONGEST_WAIT;
  }

  private void take(StreamItem item) throws IOException, InterruptedException {
    writer.accept(item);
    betweenRevisions = item instanceof Complete;
    if (item instanceof RevisionRecord record) {
      anythingWaits = true;
      waitingBytes += record.value().size();
      progress.captured(record);
    } else if (item instanceof BaseStart start) {
      baseWaits = true;
      LOG.atInfo()
          .addKeyValue("reason", start.reason())
          .addKeyValue("lineage", writer.lineage())
          .log("capturing a base");
    } else if (item instanceof Complete mark) {
      completed(mark);
    } else {
      anythingWaits = true;
    }
  }

  private void completed(Complete mark) {
    complete = mark.revision();
    completeWaits = Optional.of(mark);
    progress.complete(complete);
    if (baseWaits) {
      baseWaits = false;
      baseUnsealed = true;
      baseRevision = complete;
      anythingWaits = true;
      waitingBytes = policy.sizeBytes();
    }
  }

  /** Between two revisions, when enough waits for long enough; a base is sealed at once. */
  private boolean isDue() {
    if (baseWaits || completeWaits.isEmpty()) {
      return false;
    }
    Duration sinceSeal = Duration.ofNanos(System.nanoTime() - sealedNanos);
    Duration patience = anythingWaits ? policy.interval() : policy.idleInterval();
    return waitingBytes >= policy.sizeBytes() || sinceSeal.compareTo(patience) >= 0;
  }

  /**
   * The next one counts from the beginning of this one, so that no revision waits longer than the
   * interval and one upload.
   */
  private void seal() throws IOException, InterruptedException {
    long begun = System.nanoTime();
    long durable = writer.commit();
    progress.durable(durable, completeWaits.orElseThrow().at(), stream.waitingBytes());
    testimonies.durable(writer.lineage(), durable, baseUnsealed);
    if (baseUnsealed) {
      progress.base(baseRevision);
    }
    baseUnsealed = false;
    sealedNanos = begun;
    waitingBytes = 0;
    anythingWaits = false;
    completeWaits = Optional.empty();
  }
}
