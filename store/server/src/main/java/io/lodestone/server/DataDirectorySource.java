package io.lodestone.server;

import io.lodestone.mvcc.stream.StoreSource;
import io.lodestone.revisions.RevisionSource;
import io.lodestone.revisions.RevisionStream;
import io.lodestone.revisions.StreamItem.Reason;
import java.io.IOException;
import java.nio.file.Path;

/**
 * The data directory of a store that is not running, as a source: a base and no tail. Changes
 * nothing in it. Fails with a hint where there is none, or where a store runs on it. Thread-safe.
 */
public final class DataDirectorySource implements RevisionSource {
  private final StoreSource engine;

  public DataDirectorySource(Path dataDir) {
    this.engine = new StoreSource(new DataDirectory(dataDir).engine());
  }

  @Override
  public RevisionStream openAtBase(Reason reason) throws IOException {
    return engine.openAtBase(reason);
  }

  /** A directory at rest knows no history of its own: this is a base again. */
  @Override
  public RevisionStream openAfter(long revision) throws IOException {
    return engine.openAfter(revision);
  }
}
