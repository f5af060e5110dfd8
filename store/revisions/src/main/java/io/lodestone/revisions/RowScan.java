package io.lodestone.revisions;

import java.io.IOException;

/**
 * Rows of one keyspace, in ascending order of revision, readable from the start as often as needed.
 */
@FunctionalInterface
public interface RowScan {

  /** Shows every row to {@code visitor} until there are no more or it has seen enough. */
  void scan(Visitor visitor) throws IOException;

  /** Sees one row after another. */
  @FunctionalInterface
  interface Visitor {
    /** Returns false when no further row is wanted. */
    boolean row(RevisionRecord row) throws IOException;
  }
}
