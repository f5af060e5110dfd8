package io.lodestone.etcdfile.db;

import io.lodestone.api.etcdserverpb.Member;
import java.util.List;

/**
 * The place in a raft log that a database is written for. Immutable.
 *
 * @param consistentIndex the log index up to which the database counts as applied
 * @param members the cluster's members, all of them voters
 */
public record RaftIdentity(long consistentIndex, long term, List<Member> members) {
  public RaftIdentity {
    members = List.copyOf(members);
  }
}
