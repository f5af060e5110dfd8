package io.lodestone.server.cluster;

import io.grpc.stub.StreamObserver;
import io.lodestone.api.etcdserverpb.ClusterGrpc;
import io.lodestone.api.etcdserverpb.MemberAddRequest;
import io.lodestone.api.etcdserverpb.MemberAddResponse;
import io.lodestone.api.etcdserverpb.MemberListRequest;
import io.lodestone.api.etcdserverpb.MemberListResponse;
import io.lodestone.api.etcdserverpb.MemberPromoteRequest;
import io.lodestone.api.etcdserverpb.MemberPromoteResponse;
import io.lodestone.api.etcdserverpb.MemberRemoveRequest;
import io.lodestone.api.etcdserverpb.MemberRemoveResponse;
import io.lodestone.api.etcdserverpb.MemberUpdateRequest;
import io.lodestone.api.etcdserverpb.MemberUpdateResponse;
import io.lodestone.server.call.Access;
import io.lodestone.server.call.Answers;
import io.lodestone.server.call.ResponseHeaders;
import io.lodestone.server.proposal.Proposals;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/**
 * etcd's Cluster service. Changes, which are rare and reach the disk, run on {@code background}.
 * Thread-safe; never blocks.
 */
public final class ClusterService extends ClusterGrpc.ClusterImplBase {
  private final Membership membership;
  private final Proposals proposals;
  private final Access access;
  private final ResponseHeaders headers;
  private final Executor background;

  public ClusterService(
      Membership membership,
      Proposals proposals,
      Access access,
      ResponseHeaders headers,
      Executor background) {
    this.membership = membership;
    this.proposals = proposals;
    this.access = access;
    this.headers = headers;
    this.background = background;
  }

  @Override
  public void memberList(MemberListRequest request, StreamObserver<MemberListResponse> out) {
    Answers.sendFrom(
        out,
        () -> {
          access.requireUser();
          CompletableFuture<Void> ready =
              request.getLinearizable()
                  ? proposals.readBarrier()
                  : CompletableFuture.completedFuture(null);
          return ready.thenApply(
              done ->
                  MemberListResponse.newBuilder()
                      .setHeader(headers.withoutRevision())
                      .addAllMembers(membership.members())
                      .build());
        });
  }

  @Override
  public void memberAdd(MemberAddRequest request, StreamObserver<MemberAddResponse> out) {
    change(
        out,
        () ->
            membership
                .add(request.getPeerURLsList(), request.getIsLearner())
                .thenApply(
                    added ->
                        MemberAddResponse.newBuilder()
                            .setHeader(headers.withoutRevision())
                            .setMember(added)
                            .addAllMembers(membership.members())
                            .build()));
  }

  @Override
  public void memberRemove(MemberRemoveRequest request, StreamObserver<MemberRemoveResponse> out) {
    change(
        out,
        () ->
            membership
                .remove(request.getID())
                .thenApply(
                    done ->
                        MemberRemoveResponse.newBuilder()
                            .setHeader(headers.withoutRevision())
                            .addAllMembers(membership.members())
                            .build()));
  }

  @Override
  public void memberUpdate(MemberUpdateRequest request, StreamObserver<MemberUpdateResponse> out) {
    change(
        out,
        () ->
            membership
                .update(request.getID(), request.getPeerURLsList())
                .thenApply(
                    done ->
                        MemberUpdateResponse.newBuilder()
                            .setHeader(headers.withoutRevision())
                            .addAllMembers(membership.members())
                            .build()));
  }

  @Override
  public void memberPromote(
      MemberPromoteRequest request, StreamObserver<MemberPromoteResponse> out) {
    change(
        out,
        () ->
            membership
                .promote(request.getID())
                .thenApply(
                    done ->
                        MemberPromoteResponse.newBuilder()
                            .setHeader(headers.withoutRevision())
                            .addAllMembers(membership.members())
                            .build()));
  }

  private <T> void change(StreamObserver<T> out, Supplier<CompletableFuture<T>> change) {
    Answers.sendFrom(
        out,
        () -> {
          access.requireAdmin();
          return CompletableFuture.runAsync(() -> {}, background).thenCompose(done -> change.get());
        });
  }
}
