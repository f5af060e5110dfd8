package io.lodestone.server.peer;

import com.google.protobuf.MessageLite;
import io.lodestone.api.etcdserverpb.Member;
import io.lodestone.api.etcdserverpb.MemberAddRequest;
import io.lodestone.api.etcdserverpb.MemberPromoteRequest;
import io.lodestone.api.etcdserverpb.MemberRemoveRequest;
import io.lodestone.api.etcdserverpb.MemberUpdateRequest;
import io.lodestone.server.cluster.AgreedPeers;
import io.lodestone.server.cluster.Membership;
import io.lodestone.server.proposal.Proposals;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * Changes of members, made by the leader, which knows who can be reached; answered once they are
 * visible here and quorums are counted by them, so that whoever has the answer may lose as many
 * members as the list allows. Only a member that was added counts later, once it runs. Thread-safe.
 */
public final class LeadersMembership implements Membership {
  private final LeaderCalls leader;
  private final Proposals proposals;
  private final Supplier<List<Member>> members;
  private final AgreedPeers counted;
  private final long localId;
  private final Duration timeout;

  /**
   * @param members as they are known here
   * @param counted the same, as consensus has them
   * @param timeout of a request, for the time from the one to the other
   */
  public LeadersMembership(
      LeaderCalls leader,
      Proposals proposals,
      Supplier<List<Member>> members,
      AgreedPeers counted,
      long localId,
      Duration timeout) {
    this.leader = leader;
    this.proposals = proposals;
    this.members = members;
    this.counted = counted;
    this.localId = localId;
    this.timeout = timeout;
  }

  @Override
  public List<Member> members() {
    return members.get();
  }

  @Override
  public CompletableFuture<Member> add(List<String> peerUrls, boolean learner) {
    MemberAddRequest request =
        MemberAddRequest.newBuilder().addAllPeerURLs(peerUrls).setIsLearner(learner).build();
    return visible(
        leader.ask(new Question(Question.Kind.ADD, request.toByteString()), Member::parseFrom));
  }

  @Override
  public CompletableFuture<Void> remove(long id) {
    CompletableFuture<Void> removed =
        change(Question.Kind.REMOVE, MemberRemoveRequest.newBuilder().setID(id).build());
    return id == localId ? removed : removed.thenCompose(done -> counted.untilGone(id, timeout));
  }

  @Override
  public CompletableFuture<Void> update(long id, List<String> peerUrls) {
    return change(
        Question.Kind.UPDATE,
        MemberUpdateRequest.newBuilder().setID(id).addAllPeerURLs(peerUrls).build());
  }

  @Override
  public CompletableFuture<Void> promote(long id) {
    return change(Question.Kind.PROMOTE, MemberPromoteRequest.newBuilder().setID(id).build())
        .thenCompose(done -> counted.untilVotes(id, timeout));
  }

  private CompletableFuture<Void> change(Question.Kind kind, MessageLite request) {
    return visible(leader.ask(new Question(kind, request.toByteString())).thenApply(body -> null));
  }

  /** A member that has just removed itself cannot wait for it any more. */
  private <T> CompletableFuture<T> visible(CompletableFuture<T> change) {
    return change.thenCompose(done -> proposals.readBarrier().handle((current, failure) -> done));
  }
}
