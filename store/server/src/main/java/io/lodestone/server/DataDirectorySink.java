package io.lodestone.server;

import io.lodestone.etcdfile.db.DurableFiles;
import io.lodestone.mvcc.stream.EngineSink;
import io.lodestone.revisions.CopyRules;
import io.lodestone.revisions.RevisionSink;
import io.lodestone.revisions.StreamItem;
import io.lodestone.revisions.StreamItem.AlarmState;
import io.lodestone.revisions.StreamItem.MemberState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Writes a stream as the data directory of a store that is the only member of a new cluster: when
 * it first starts, its flags say which. Members and alarms of the source are left out. One-shot:
 * the directory is built beside its place and appears, whole, at {@link #commit}, which can be
 * called once. Confined to one thread.
 */
public final class DataDirectorySink implements RevisionSink {
  private final Path target;
  private final Path temporary;
  private final EngineSink engine;

  /** Fails with a hint where {@code target} exists; the directory around it must. */
  public DataDirectorySink(Path target, CopyRules rules) throws IOException {
    DurableFiles.requireAbsent(target);
    this.target = target;
    this.temporary =
        Files.createTempDirectory(DurableFiles.parent(target), target.getFileName() + ".partial-");
    try {
      this.engine = new EngineSink(new DataDirectory(temporary).engine(), rules);
    } catch (IOException | RuntimeException e) {
      Files.delete(temporary);
      throw e;
    }
  }

  @Override
  public void accept(StreamItem item) throws IOException {
    if (!(item instanceof MemberState || item instanceof AlarmState)) {
      engine.accept(item);
    }
  }

  @Override
  public long commit() throws IOException {
    long complete = engine.commit();
    DurableFiles.publish(temporary, target);
    return complete;
  }

  @Override
  public void close() throws IOException {
    engine.close();
    DurableFiles.deleteTree(temporary);
  }
}
