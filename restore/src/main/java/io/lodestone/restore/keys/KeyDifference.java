package io.lodestone.restore.keys;

import com.google.protobuf.ByteString;

/**
 * One key in which the living cluster is not what was selected. Immutable.
 *
 * @param key its name in the living cluster
 * @param selectedRevision the mod revision in the source; 0 where the source does not have it
 * @param livingRevision the mod revision in the cluster; 0 where the cluster does not have it
 */
public record KeyDifference(Kind kind, ByteString key, long selectedRevision, long livingRevision) {

  /** What is different, and so what a restore would do about it. */
  public enum Kind {
    /** Only the source has it. */
    MISSING,
    /** Both have it, with other values. */
    CHANGED,
    /** Only the cluster has it. */
    EXTRA,
    /** It hung on a lease in the source, and leases are not restored. */
    LEASED
  }
}
