package io.lodestone.server.cluster;

import io.lodestone.api.etcdserverpb.Member;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * The members of a cluster, and their changes. A change fails with a {@link
 * io.lodestone.api.StoreException} in etcd's words; it may take a while, and complete on any
 * thread. Thread-safe.
 */
public interface Membership {
  /** Ascending by id, unsigned; as they are known here. */
  List<Member> members();

  /** Completes with the new member, whose id is made up. */
  CompletableFuture<Member> add(List<String> peerUrls, boolean learner);

  CompletableFuture<Void> remove(long id);

  CompletableFuture<Void> update(long id, List<String> peerUrls);

  /** Makes a learner a voter, once it has caught up with the leader. */
  CompletableFuture<Void> promote(long id);
}
