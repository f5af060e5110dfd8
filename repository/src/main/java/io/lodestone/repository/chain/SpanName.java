package io.lodestone.repository.chain;

/**
 * What the name of a span says: it stands for the entries [firstSeq, lastSeq]. Immutable.
 *
 * @param level of the merged entry that holds their content; 0 where they were deleted by retention
 */
public record SpanName(long firstSeq, long lastSeq, int level) {

  /** What says that these entries have expired. */
  public static SpanName expired(long firstSeq, long lastSeq) {
    return new SpanName(firstSeq, lastSeq, 0);
  }

  public boolean expired() {
    return level == 0;
  }

  boolean covers(long seq) {
    return firstSeq <= seq && seq <= lastSeq;
  }

  public boolean overlaps(long first, long last) {
    return firstSeq <= last && first <= lastSeq;
  }

  public boolean isWithin(long first, long last) {
    return first <= firstSeq && lastSeq <= last;
  }
}
