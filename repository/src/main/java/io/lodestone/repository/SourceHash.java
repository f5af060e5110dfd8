package io.lodestone.repository;

import io.lodestone.revisions.RowScan;
import io.lodestone.revisions.digest.HashKv;
import java.io.IOException;
import java.time.Instant;

/**
 * What the source itself said of one of its revisions when that was captured: etcd's HashKV.
 * Immutable.
 *
 * @param revision whose state was hashed
 * @param compactRevision that of the source then, on which the hash depends; -1 for never compacted
 * @param hashKv unsigned 32 bits
 * @param member address of the member that was asked
 * @param at when, by the clock of the agent
 */
public record SourceHash(
    long revision, long compactRevision, long hashKv, String member, Instant at) {
  public SourceHash {
    if (revision < 1 || compactRevision >= revision || hashKv >>> Integer.SIZE != 0) {
      throw new IllegalArgumentException(
          "hash " + hashKv + " of revision " + revision + ", compacted at " + compactRevision);
    }
  }

  /**
   * The hash of {@code rows} at the same revision and compact revision, in the way of older members
   * where that is what the source did. The rows must not be compacted further than the source was.
   */
  public HashKv hashOf(RowScan rows) throws IOException {
    return HashKv.like(said(), rows);
  }

  private HashKv said() {
    return new HashKv((int) hashKv, compactRevision, revision);
  }

  public boolean agrees(HashKv other) {
    return other.equals(said());
  }

  /** Both hashes, for who has to be told that they differ. */
  public String against(HashKv ours) {
    return "at revision "
        + revision
        + ", compacted at "
        + compactRevision
        + ", the source had HashKV "
        + hashKv
        + " (asked of "
        + member
        + " at "
        + at
        + "), what is stored has "
        + Integer.toUnsignedLong(ours.hash());
  }
}
