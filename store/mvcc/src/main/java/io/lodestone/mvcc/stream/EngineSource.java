package io.lodestone.mvcc.stream;

import io.lodestone.mvcc.ChangeListener;
import io.lodestone.mvcc.Engine;
import io.lodestone.mvcc.EngineView;
import io.lodestone.revisions.Origin;
import io.lodestone.revisions.RevisionSource;
import io.lodestone.revisions.RevisionStream;
import io.lodestone.revisions.StreamItem.Reason;
import java.io.IOException;
import java.time.Clock;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A running engine as a source: a base from one of its views, then a tail that follows it. The tail
 * is read from the stored history, so that a slow reader costs no memory; one that falls behind a
 * compaction is given a new base. Thread-safe; any number of streams.
 */
public final class EngineSource implements RevisionSource {
  private final Engine engine;
  private final Origin origin;
  private final Clock clock;
  private final Set<EngineStream> streams = ConcurrentHashMap.newKeySet();

  /**
   * Listens to the engine from now on.
   *
   * @param clock for the times in the stream
   */
  public EngineSource(Engine engine, Origin origin, Clock clock) {
    this.engine = engine;
    this.origin = origin;
    this.clock = clock;
    ChangeListener wake = (head, changes) -> streams.forEach(EngineStream::wake);
    engine.listen(wake);
  }

  @Override
  public RevisionStream openAtBase(Reason reason) throws IOException {
    return open(-1, reason);
  }

  @Override
  public RevisionStream openAfter(long revision) throws IOException {
    try (EngineView view = engine.view()) {
      if (revision > view.revision()) {
        return open(-1, Reason.DIVERGED);
      }
      if (revision < view.compactRevision()) {
        return open(-1, Reason.COMPACTED);
      }
    }
    return open(revision, Reason.COMPACTED);
  }

  private RevisionStream open(long after, Reason reason) {
    EngineStream stream =
        new EngineStream(engine, origin, clock, after, reason, closed -> streams.remove(closed));
    streams.add(stream);
    return stream;
  }
}
