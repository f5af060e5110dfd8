package io.lodestone.etcdfile.db;

import io.lodestone.revisions.CopyRules;
import io.lodestone.revisions.RevisionSink;
import io.lodestone.revisions.StreamItem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Writes a stream as a snapshot file of etcd, which {@code etcdctl} and {@code etcdutl snapshot
 * restore} accept, with its SHA-256 trailer. One-shot: the file is written beside its place under a
 * temporary name and appears at {@link #commit}, which can be called once. Confined to one thread.
 */
public final class SnapshotFileSink implements RevisionSink {
  private final Path target;
  private final Path temporary;
  private final DatabaseDraft draft;

  /** Fails with a hint where {@code target} exists; its directory must. */
  public SnapshotFileSink(Path target, CopyRules rules) throws IOException {
    DurableFiles.requireAbsent(target);
    this.target = target;
    this.temporary =
        Files.createTempFile(DurableFiles.parent(target), target.getFileName() + ".partial-", "");
    this.draft = new DatabaseDraft(temporary, rules);
  }

  @Override
  public void accept(StreamItem item) throws IOException {
    draft.accept(item);
  }

  @Override
  public long commit() throws IOException {
    long complete = draft.finishSnapshot();
    draft.close();
    DurableFiles.publish(temporary, target);
    return complete;
  }

  @Override
  public void close() throws IOException {
    draft.close();
    Files.deleteIfExists(temporary);
  }
}
