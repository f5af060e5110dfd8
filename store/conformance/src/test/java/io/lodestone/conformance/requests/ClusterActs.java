package io.lodestone.conformance.requests;

import io.lodestone.api.etcdserverpb.MemberAddRequest;
import io.lodestone.api.etcdserverpb.MemberListRequest;
import io.lodestone.api.etcdserverpb.MemberPromoteRequest;
import io.lodestone.api.etcdserverpb.MemberRemoveRequest;
import io.lodestone.api.etcdserverpb.MemberUpdateRequest;

/**
 * Turns on the Cluster service. Only such as leave a cluster of one member able to work: a second
 * voter that never comes up would end the run.
 */
final class ClusterActs {
  private final Dice dice;

  ClusterActs(Vocabulary words) {
    this.dice = words.dice();
  }

  void list(Duel duel) {
    duel.call(
        "Cluster/MemberList", MemberListRequest.newBuilder().setLinearizable(dice.coin()).build());
  }

  /**
   * A voter only where its URL is refused: etcd waits for a second one from the moment it is added.
   */
  void add(Duel duel) {
    String url = dice.pick("", "no-url", "ftp://127.0.0.1:1", "http://127.0.0.1", Names.url(0));
    boolean learner = url.equals(Names.url(0)) || dice.coin();
    duel.call(
        "Cluster/MemberAdd",
        MemberAddRequest.newBuilder().addPeerURLs(url).setIsLearner(learner).build());
  }

  void remove(Duel duel) {
    duel.call("Cluster/MemberRemove", MemberRemoveRequest.newBuilder().setID(member()).build());
  }

  void update(Duel duel) {
    long member = member();
    // A member that gave up its own URL would make room for a second voter on it.
    String url = member == Names.member(0) ? Names.url(0) : dice.pick("", "no-url", Names.url(0));
    duel.call(
        "Cluster/MemberUpdate",
        MemberUpdateRequest.newBuilder().setID(member).addPeerURLs(url).build());
  }

  void promote(Duel duel) {
    duel.call("Cluster/MemberPromote", MemberPromoteRequest.newBuilder().setID(member()).build());
  }

  private long member() {
    return dice.pick(Names.member(0), 0L, 7L, -1L);
  }
}
