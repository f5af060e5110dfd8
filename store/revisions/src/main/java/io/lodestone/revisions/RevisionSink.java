package io.lodestone.revisions;

import java.io.IOException;

/**
 * Takes a stream of revisions and keeps it. Confined to one thread.
 *
 * <p>Nothing that was accepted is visible before {@link #commit}; {@link #close} without it leaves
 * no trace.
 */
public interface RevisionSink extends AutoCloseable {

  /**
   * Takes the next item. The order is that of {@link io.lodestone.revisions}; anything else is a
   * {@link BrokenStreamException}.
   */
  void accept(StreamItem item) throws IOException, InterruptedException;

  /**
   * When this returns, everything up to the last {@link StreamItem.Complete} is durable and
   * visible; what came after it is discarded by one-shot sinks and kept for the next commit by
   * continuous ones. Returns that revision.
   */
  long commit() throws IOException, InterruptedException;

  @Override
  void close() throws IOException;
}
