package io.lodestone.revisions;

import io.lodestone.api.LodestoneException;
import io.lodestone.revisions.StreamItem.BaseStart;
import io.lodestone.revisions.StreamItem.Compaction;
import io.lodestone.revisions.StreamItem.Complete;
import io.lodestone.revisions.StreamItem.End;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/**
 * A stream cut at a point in time: the state as it was at main revision {@code revision}, then the
 * end.
 *
 * <p>A base taken later than that is cut to the rows it had then, which is exact for every revision
 * at or above its compact revision; below it the stream fails. Side state stays that of the base:
 * etcd does not date it. A newer base behind the tail is not read at all.
 */
public final class StopAt implements RevisionStream {
  private final RevisionStream stream;
  private final long revision;
  private long complete = -1;
  private boolean ended;

  public StopAt(RevisionStream stream, long revision) {
    this.stream = stream;
    this.revision = revision;
  }

  @Override
  public Optional<StreamItem> poll(Duration maxWait) throws IOException, InterruptedException {
    while (!ended) {
      Optional<StreamItem> next = stream.poll(maxWait);
      if (next.isEmpty()) {
        return next;
      }
      Optional<StreamItem> kept = keep(next.get());
      if (kept.isPresent()) {
        return kept;
      }
    }
    return Optional.of(new End());
  }

  private Optional<StreamItem> keep(StreamItem item) {
    if (item instanceof RevisionRecord record && record.main() > revision) {
      ended = complete == revision;
      return Optional.empty();
    }
    if (item instanceof Compaction compaction && compaction.scheduled() > revision) {
      throw new LodestoneException(
          "revision "
              + revision
              + " was compacted away: this source goes back to "
              + compaction.scheduled(),
          "choose a revision from "
              + compaction.scheduled()
              + " on, or a source that was captured earlier");
    }
    if (item instanceof BaseStart && complete == revision) {
      ended = true;
      return Optional.empty();
    }
    if (item instanceof Complete mark) {
      complete = Math.min(mark.revision(), revision);
      ended = mark.revision() > revision;
      return Optional.of(new Complete(complete, mark.at()));
    }
    if (item instanceof End && complete < revision) {
      throw new LodestoneException(
          "revision " + revision + " is not in this source: it ends at " + complete,
          "choose a revision up to " + complete + ", or leave it out to take the newest");
    }
    return Optional.of(item);
  }

  @Override
  public void close() throws IOException {
    stream.close();
  }
}
