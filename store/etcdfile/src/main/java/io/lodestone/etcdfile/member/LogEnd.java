package io.lodestone.etcdfile.member;

import io.lodestone.etcdfile.wal.MemberLog;

/** How far to read a stopped member's log. */
public enum LogEnd {
  /** What this member knew to be committed: never more than the cluster acknowledged. */
  COMMITTED {
    @Override
    long index(MemberLog log) {
      return log.commitIndex();
    }
  },
  /**
   * Every entry. Right for the only member of a cluster, which commits them all at boot; and for
   * the last disk of a lost one, where an acknowledged write may be among them, but so may writes
   * that were never acknowledged or that another leader replaced.
   */
  LAST_ENTRY {
    @Override
    long index(MemberLog log) {
      return log.lastIndex();
    }
  };

  abstract long index(MemberLog log);
}
