package io.lodestone.backup;

import io.lodestone.repository.Lineage;
import io.lodestone.revisions.RevisionRecord;
import java.time.Duration;

/**
 * Counts what a run captures and what becomes durable, over all its sessions. Confined to the
 * agent's thread.
 */
final class Progress {
  private static final int TELL_EVERY = 1 << 14;

  private final AgentListener listener;
  private final long startNanos = System.nanoTime();
  private Lineage lineage = new Lineage(0, 1);
  private long resumedAt;
  private long durable;
  private long records;
  private long bytes;
  private long bases;
  private boolean resumed;

  Progress(AgentListener listener) {
    this.listener = listener;
  }

  void resume(Lineage ofWriter, long revision) {
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

  void base() {
    bases++;
  }

  void durable(long revision) {
    durable = revision;
    listener.durable(revision);
  }

  long durable() {
    return durable;
  }

  BackupReport report() {
    Duration elapsed = Duration.ofNanos(System.nanoTime() - startNanos);
    return new BackupReport(lineage, resumedAt, durable, records, bytes, bases, elapsed);
  }
}
