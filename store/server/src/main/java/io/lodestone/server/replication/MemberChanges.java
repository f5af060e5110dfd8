package io.lodestone.server.replication;

import io.lodestone.api.ErrorCode;
import io.lodestone.api.StoreException;
import io.lodestone.api.etcdserverpb.Member;
import io.lodestone.mvcc.members.MemberChange;
import io.lodestone.mvcc.members.MemberTable;
import java.util.List;

/**
 * What a command does to the members, as every member of the cluster finds alike from its table.
 * Fails with a {@link StoreException} in etcd's words where it does nothing. Confined to the apply
 * thread.
 */
final class MemberChanges {
  private static final long NOBODY = 0;

  private final MemberTable members;

  MemberChanges(MemberTable members) {
    this.members = members;
  }

  MemberChange add(Member added) {
    if (members.removed().contains(added.getID()) || exists(added.getID())) {
      throw new StoreException(ErrorCode.MEMBER_EXISTS);
    }
    requireFree(added.getPeerURLsList(), NOBODY);
    if (added.getIsLearner() && members.all().stream().anyMatch(Member::getIsLearner)) {
      throw new StoreException(ErrorCode.TOO_MANY_LEARNERS);
    }
    return new MemberChange.Present(added);
  }

  MemberChange update(Member wanted) {
    Member known = require(wanted.getID());
    requireFree(wanted.getPeerURLsList(), wanted.getID());
    return new MemberChange.Present(
        known.toBuilder().clearPeerURLs().addAllPeerURLs(wanted.getPeerURLsList()).build());
  }

  MemberChange promote(long id) {
    Member known = require(id);
    if (!known.getIsLearner()) {
      throw new StoreException(ErrorCode.MEMBER_NOT_LEARNER);
    }
    return new MemberChange.Present(known.toBuilder().setIsLearner(false).build());
  }

  MemberChange remove(long id) {
    require(id);
    return new MemberChange.Removed(id);
  }

  private boolean exists(long id) {
    return members.all().stream().anyMatch(member -> member.getID() == id);
  }

  private Member require(long id) {
    return members.all().stream()
        .filter(member -> member.getID() == id)
        .findFirst()
        .orElseThrow(() -> new StoreException(ErrorCode.MEMBER_NOT_FOUND));
  }

  private void requireFree(List<String> urls, long exceptId) {
    boolean taken =
        members.all().stream()
            .filter(member -> member.getID() != exceptId)
            .anyMatch(member -> member.getPeerURLsList().stream().anyMatch(urls::contains));
    if (taken) {
      throw new StoreException(ErrorCode.PEER_URL_EXISTS);
    }
  }
}
