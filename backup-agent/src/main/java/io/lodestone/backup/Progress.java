package io.lodestone.backup;

import io.lodestone.repository.Lineage;
import io.lodestone.revisions.RevisionRecord;
import java.time.Duration;
import java.time.Instant;

/**
 * Counts what a run captures and what becomes durable, over all its sessions. Confined to the
 * agent's thread.
 */
final class Progress {
  private static final int TELL_EVERY = 1 << 14;

  private final AgentListener listener;
  private final Runnable onBase;
  private final long startNanos = System.nanoTime();
  private Lineage lineage = new Lineage(0, 1);
  private long resumedAt;
  private long durable;
  private long records;
  private long bytes;
  private long bases;
  private boolean resumed;

  /**
   * @param onBase run when a base has become durable
   */
  Progress(AgentListener listener, Runnable onBase) {
    this.listener = listener;
    this.onBase = onBase;
  }

  void resume(Lineage ofWriter, long revision) {
    listener.writing(ofWriter, revision);
    lineage = ofWriter;
    durable = revision;
    if (!resumed) {
      resumedAt = revision;
      resumed = true;
    }
  }

  void captured(RevisionRecord record) {
    bytes += record.value().size();
    if (++records % TELL_EVERY == 0) {
      listener.captured(records);
    }
  }

  void complete(long revision) {
    listener.complete(revision);
  }

  void base(long revision) {
    bases++;
    listener.base(revision);
    onBase.run();
  }

  void durable(long revision, Instant at, long waitingBytes) {
    durable = revision;
    listener.durable(revision, at, waitingBytes);
  }

  long durable() {
    return durable;
  }

  BackupReport report() {
    Duration elapsed = Duration.ofNanos(System.nanoTime() - startNanos);
    return new BackupReport(lineage, resumedAt, durable, records, bytes, bases, elapsed);
  }
}
