package io.lodestone.conformance.cluster;

import static org.awaitility.Awaitility.await;

import io.grpc.ClientInterceptor;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.lodestone.api.etcdserverpb.ClusterGrpc;
import io.lodestone.api.etcdserverpb.ClusterGrpc.ClusterBlockingStub;
import io.lodestone.api.etcdserverpb.Member;
import io.lodestone.api.etcdserverpb.MemberAddRequest;
import io.lodestone.api.etcdserverpb.MemberListRequest;
import io.lodestone.api.etcdserverpb.MemberPromoteRequest;
import io.lodestone.api.etcdserverpb.MemberRemoveRequest;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * Changes the members through one of them, however often it must be asked: a change whose answer
 * was lost is seen in the list.
 */
final class Membership {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final String endpoint;
  private final ClientInterceptor[] caller;

  /** {@code caller} says who asks, where the cluster wants to know. */
  Membership(List<String> endpoints, int asked, ClientInterceptor... caller) {
    this.endpoint = endpoints.get(asked);
    this.caller = caller;
  }

  void remove(String peerUrl) {
    until(
        peerUrl,
        Optional::isEmpty,
        (member, cluster) ->
            cluster.memberRemove(
                MemberRemoveRequest.newBuilder().setID(member.orElseThrow().getID()).build()));
  }

  void add(String peerUrl, boolean learner) {
    MemberAddRequest request =
        MemberAddRequest.newBuilder().addPeerURLs(peerUrl).setIsLearner(learner).build();
    until(peerUrl, Optional::isPresent, (member, cluster) -> cluster.memberAdd(request));
  }

  void promote(String peerUrl) {
    until(
        peerUrl,
        member -> !member.orElseThrow().getIsLearner(),
        (member, cluster) ->
            cluster.memberPromote(
                MemberPromoteRequest.newBuilder().setID(member.orElseThrow().getID()).build()));
  }

  /** One attempt at a change. */
  private interface Change {
    Object of(Optional<Member> member, ClusterBlockingStub cluster);
  }

  private void until(String peerUrl, Predicate<Optional<Member>> done, Change change) {
    ManagedChannel channel =
        NettyChannelBuilder.forTarget(endpoint).usePlaintext().intercept(caller).build();
    try {
      await()
          .atMost(PATIENCE)
          .pollDelay(Duration.ZERO)
          .ignoreExceptionsInstanceOf(StatusRuntimeException.class)
          .until(
              () -> {
                channel.resetConnectBackoff();
                Optional<Member> before = find(channel, peerUrl);
                if (done.test(before)) {
                  return true;
                }
                Object unused = change.of(before, stub(channel));
                return done.test(find(channel, peerUrl));
              });
    } finally {
      channel.shutdownNow();
    }
  }

  private static Optional<Member> find(ManagedChannel channel, String peerUrl) {
    return stub(channel)
        .memberList(MemberListRequest.newBuilder().setLinearizable(true).build())
        .getMembersList()
        .stream()
        .filter(member -> member.getPeerURLsList().contains(peerUrl))
        .findFirst();
  }

  private static ClusterBlockingStub stub(ManagedChannel channel) {
    return ClusterGrpc.newBlockingStub(channel).withDeadlineAfter(10, TimeUnit.SECONDS);
  }
}
