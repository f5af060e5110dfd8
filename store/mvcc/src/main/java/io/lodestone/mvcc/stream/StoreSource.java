package io.lodestone.mvcc.stream;

import io.lodestone.api.LodestoneException;
import io.lodestone.mvcc.rocks.RocksSettings;
import io.lodestone.mvcc.rocks.RocksStore;
import io.lodestone.mvcc.rocks.RocksView;
import io.lodestone.revisions.Origin;
import io.lodestone.revisions.RevisionSource;
import io.lodestone.revisions.RevisionStream;
import io.lodestone.revisions.StreamItem.BaseStart;
import io.lodestone.revisions.StreamItem.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;

/**
 * The data directory of an engine that is not running, as a source: a base and no tail. Nothing in
 * it is changed; a compaction that waits there goes on waiting. Thread-safe; one stream at a time,
 * since a stream holds the directory.
 */
public final class StoreSource implements RevisionSource {
  private static final RocksSettings SETTINGS = RocksSettings.serving(64 << 20);

  private final Path directory;

  public StoreSource(Path directory) {
    this.directory = directory;
  }

  @Override
  public RevisionStream openAtBase(Reason reason) throws IOException {
    if (!Files.isDirectory(directory)) {
      throw new LodestoneException(
          "there is no store in " + directory, "name the data directory of a store");
    }
    Instant at = Files.getLastModifiedTime(directory).toInstant();
    RocksStore store = RocksStore.open(directory, SETTINGS);
    try {
      RocksView rows = store.view();
      return new BaseStream(
          rows,
          new BaseStart(Origin.UNKNOWN, at, reason),
          () -> {
            rows.release();
            store.close();
          });
    } catch (RuntimeException e) {
      store.close();
      throw e;
    }
  }

  /** A directory at rest knows no history of its own: this is a base again. */
  @Override
  public RevisionStream openAfter(long revision) throws IOException {
    return openAtBase(Reason.INITIAL);
  }
}
