package io.lodestone.mvcc.direct;

import io.lodestone.api.etcdserverpb.InternalRaftRequest;
import io.lodestone.mvcc.log.Applied;
import io.lodestone.mvcc.members.MemberChange;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * What waits for its turn, and whom to tell: a request, or changes of the cluster's members.
 *
 * @param changes empty for a request
 */
record Proposal(
    InternalRaftRequest request, List<MemberChange> changes, CompletableFuture<Applied> answer) {
  boolean changesMembers() {
    return !changes.isEmpty();
  }
}
