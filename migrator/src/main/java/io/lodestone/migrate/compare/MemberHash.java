package io.lodestone.migrate.compare;

/**
 * What one member answered to {@code HashKV}. Immutable.
 *
 * @param side {@code source} or {@code destination}
 * @param hash as etcdctl prints it
 * @param compactRevision -1 where it was never compacted
 */
public record MemberHash(String side, String member, long hash, long compactRevision) {
  boolean agreesWith(MemberHash other) {
    return hash == other.hash && compactRevision == other.compactRevision;
  }
}
