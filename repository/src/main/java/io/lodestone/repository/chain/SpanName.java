package io.lodestone.repository.chain;

/**
 * What the name of a span says: it stands for the entries [firstSeq, lastSeq]. Immutable.
 *
 * @param expired true where they were deleted by retention, false where it holds their content
 */
public record SpanName(long firstSeq, long lastSeq, boolean expired) {

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
