package io.lodestone.repository;

import io.lodestone.repository.chain.EntryLog;
import io.lodestone.repository.chain.ObjectsAhead;
import java.io.IOException;
import java.util.OptionalLong;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;

/** One run of a {@link LineageCopy}, with its threads and its sign of life. */
final class CopyRun {
  private CopyRun() {}

  static CopyReport copy(EntryLog from, EntryLog to, Lineage lineage, CopySettings settings)
      throws IOException, InterruptedException {
    OptionalLong target = from.lastSeq();
    if (target.isEmpty()) {
      return new CopyReport(0, 0, 0, 0, 0, 0);
    }
    WriterSettings writer = settings.writer();
    Appender.checkFree(to, lineage, settings.holder(), Takeover.WHEN_SILENT, writer.clock());
    ScheduledExecutorService beats =
        Executors.newSingleThreadScheduledExecutor(RepositoryWriter.thread("heartbeat"));
    try (PartUploader uploader = new PartUploader(to.store(), writer.uploads());
        ObjectsAhead ahead = new ObjectsAhead(from, settings.parallel())) {
      ObjectCopies copies = new ObjectCopies(from, to, ahead, settings.progress());
      SpanSlice slices = new SpanSlice(from, to, writer, uploader);
      LineageCopy copy = new LineageCopy(from, to, ahead, copies, slices);
      copy.begin();
      if (copy.lastSeq() < target.getAsLong()) {
        copy(copy, target.getAsLong(), beats, settings);
      }
      copy.copyMarks();
      copy.copySourceHashes();
      return new CopyReport(
          copy.entries(),
          copies.objects(),
          copies.bytes(),
          copies.present(),
          copy.lastSeq(),
          copy.revision());
    } finally {
      beats.shutdownNow();
    }
  }

  private static void copy(
      LineageCopy copy, long target, ScheduledExecutorService beats, CopySettings settings)
      throws IOException, InterruptedException {
    WriterSettings writer = settings.writer();
    Heartbeat heartbeat = new Heartbeat(settings.holder(), writer.clock(), copy.place());
    heartbeat.beat();
    heartbeat.start(beats, writer.heartbeatEvery());
    try {
      copy.copyTo(target, heartbeat);
    } finally {
      beats.shutdownNow();
      heartbeat.release();
    }
  }
}
