package io.lodestone.mvcc.members;

import io.lodestone.api.etcdserverpb.Member;

/** What a change of the cluster's configuration does to one member. Immutable. */
public sealed interface MemberChange {

  /** The member is now like this: added, promoted, or with other peer URLs. */
  record Present(Member member) implements MemberChange {}

  /** The member has gone, and its id must never come back. */
  record Removed(long id) implements MemberChange {}
}
