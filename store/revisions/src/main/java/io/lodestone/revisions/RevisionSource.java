package io.lodestone.revisions;

import java.io.IOException;

/**
 * Something that can tell its history as a stream of revisions. May be opened more than once, also
 * at the same time.
 */
public interface RevisionSource {

  /** Starts with a base of everything the source holds now, then its tail. */
  RevisionStream openAtBase(StreamItem.Reason reason) throws IOException, InterruptedException;

  /**
   * Continues behind {@code revision}, which the caller has complete: the first record is of {@code
   * revision + 1}. Where the source cannot do that exactly (it has compacted past it, or holds
   * another history), the stream starts with a base and says why.
   */
  RevisionStream openAfter(long revision) throws IOException, InterruptedException;
}
