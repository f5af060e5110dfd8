package io.lodestone.server.lease;

import io.grpc.stub.StreamObserver;
import io.lodestone.api.LeaseId;
import io.lodestone.api.etcdserverpb.InternalRaftRequest;
import io.lodestone.api.etcdserverpb.LeaseGrantRequest;
import io.lodestone.api.etcdserverpb.LeaseGrantResponse;
import io.lodestone.api.etcdserverpb.LeaseGrpc;
import io.lodestone.api.etcdserverpb.LeaseKeepAliveRequest;
import io.lodestone.api.etcdserverpb.LeaseKeepAliveResponse;
import io.lodestone.api.etcdserverpb.LeaseLeasesRequest;
import io.lodestone.api.etcdserverpb.LeaseLeasesResponse;
import io.lodestone.api.etcdserverpb.LeaseRevokeRequest;
import io.lodestone.api.etcdserverpb.LeaseRevokeResponse;
import io.lodestone.api.etcdserverpb.LeaseStatus;
import io.lodestone.api.etcdserverpb.LeaseTimeToLiveRequest;
import io.lodestone.api.etcdserverpb.LeaseTimeToLiveResponse;
import io.lodestone.api.etcdserverpb.ResponseHeader;
import io.lodestone.mvcc.Leases;
import io.lodestone.server.call.Access;
import io.lodestone.server.call.Answers;
import io.lodestone.server.call.ResponseHeaders;
import io.lodestone.server.proposal.RequestIds;
import io.lodestone.server.proposal.Submissions;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** etcd's Lease service. Thread-safe; never blocks. */
public final class LeaseService extends LeaseGrpc.LeaseImplBase {
  private static final long NO_LEASE_TTL = -1;

  private final Submissions submissions;
  private final RequestIds ids;
  private final Leases leases;
  private final Runnable quota;
  private final LeaseTimes times;
  private final LeaseCheckpoints checkpoints;
  private final Runnable renewed;
  private final Access access;
  private final ResponseHeaders headers;

  /**
   * @param quota fails where the store has no room for another lease
   * @param renewed is told of every renewal; it counts them
   */
  public LeaseService(
      Submissions submissions,
      RequestIds ids,
      Leases leases,
      LeaseTimes times,
      Runnable quota,
      LeaseCheckpoints checkpoints,
      Runnable renewed,
      Access access,
      ResponseHeaders headers) {
    this.submissions = submissions;
    this.ids = ids;
    this.leases = leases;
    this.times = times;
    this.quota = quota;
    this.checkpoints = checkpoints;
    this.renewed = renewed;
    this.access = access;
    this.headers = headers;
  }

  @Override
  public void leaseGrant(LeaseGrantRequest request, StreamObserver<LeaseGrantResponse> out) {
    Answers.sendFrom(
        out,
        () -> {
          quota.run();
          access.requireUser();
          return submissions.submit(
              InternalRaftRequest.newBuilder().setLeaseGrant(withId(request)),
              LeaseGrantResponse.class,
              (response, revision) -> response.toBuilder().setHeader(headers.at(revision)).build());
        });
  }

  /** A client may leave the choice of the id to the server, by saying 0. */
  private LeaseGrantRequest withId(LeaseGrantRequest request) {
    return request.getID() != 0 ? request : request.toBuilder().setID(ids.nextLeaseId()).build();
  }

  @Override
  public void leaseRevoke(LeaseRevokeRequest request, StreamObserver<LeaseRevokeResponse> out) {
    Answers.sendFrom(
        out,
        () -> {
          access.requireUser();
          return submissions.submit(
              InternalRaftRequest.newBuilder().setLeaseRevoke(request),
              LeaseRevokeResponse.class,
              (response, revision) -> response.toBuilder().setHeader(headers.at(revision)).build());
        });
  }

  @Override
  public StreamObserver<LeaseKeepAliveRequest> leaseKeepAlive(
      StreamObserver<LeaseKeepAliveResponse> out) {
    return new KeepAlives(out);
  }

  /** One client's stream of renewals; answers come in the order of the requests. */
  private final class KeepAlives implements StreamObserver<LeaseKeepAliveRequest> {
    private final StreamObserver<LeaseKeepAliveResponse> out;
    private volatile boolean failed;

    /** The answer before; used by the call's thread only. */
    private CompletableFuture<Void> last = CompletableFuture.completedFuture(null);

    private KeepAlives(StreamObserver<LeaseKeepAliveResponse> out) {
      this.out = out;
    }

    @Override
    public void onNext(LeaseKeepAliveRequest request) {
      if (failed) {
        return;
      }
      try {
        LeaseId id = new LeaseId(request.getID());
        ResponseHeader header = headerOfRenewal(id);
        CompletableFuture<Optional<Long>> ttl =
            checkpoints.forget(id).thenCompose(done -> times.renew(id));
        last =
            last.thenCombine(ttl, (sent, seconds) -> seconds)
                .handle((seconds, failure) -> answer(id, header, seconds, failure));
      } catch (RuntimeException e) {
        last = last.thenAccept(sent -> fail(e));
      }
    }

    private Void answer(LeaseId id, ResponseHeader header, Optional<Long> ttl, Throwable failure) {
      if (!failed && failure != null) {
        fail(failure);
      } else if (!failed) {
        out.onNext(renewed(id, header, ttl));
      }
      return null;
    }

    private void fail(Throwable why) {
      if (!failed) {
        failed = true;
        Answers.fail(out, why);
      }
    }

    @Override
    public void onError(Throwable t) {
      // The client has gone away; its leases live on until they expire.
      failed = true;
    }

    @Override
    public void onCompleted() {
      last =
          last.thenAccept(
              sent -> {
                if (!failed) {
                  out.onCompleted();
                }
              });
    }
  }

  /**
   * The header is made first: its revision must not be behind a revocation that the renewal missed.
   */
  private ResponseHeader headerOfRenewal(LeaseId id) {
    ResponseHeader header = headers.now();
    access.checkRenewal(id);
    return header;
  }

  private LeaseKeepAliveResponse renewed(LeaseId id, ResponseHeader header, Optional<Long> ttl) {
    ttl.ifPresent(seconds -> renewed.run());
    return LeaseKeepAliveResponse.newBuilder()
        .setHeader(header)
        .setID(id.value())
        .setTTL(ttl.orElse(0L))
        .build();
  }

  @Override
  public void leaseTimeToLive(
      LeaseTimeToLiveRequest request, StreamObserver<LeaseTimeToLiveResponse> out) {
    Answers.sendFrom(
        out,
        () -> {
          LeaseId id = new LeaseId(request.getID());
          access.requireUser();
          if (request.getKeys()) {
            access.checkKeysOf(id);
          }
          return times
              .status(id, request.getKeys())
              .thenApply(status -> told(headers.now(), id, status));
        });
  }

  private static LeaseTimeToLiveResponse told(
      ResponseHeader header, LeaseId id, Optional<Leases.LeaseStatus> status) {
    LeaseTimeToLiveResponse.Builder response =
        LeaseTimeToLiveResponse.newBuilder().setHeader(header).setID(id.value());
    status.ifPresentOrElse(
        known ->
            response
                .setTTL(known.remainingTtlSeconds())
                .setGrantedTTL(known.grantedTtlSeconds())
                .addAllKeys(known.keys()),
        () -> response.setTTL(NO_LEASE_TTL));
    return response.build();
  }

  @Override
  public void leaseLeases(LeaseLeasesRequest request, StreamObserver<LeaseLeasesResponse> out) {
    Answers.sendNow(
        out,
        () -> {
          List<LeaseId> all = leases.list();
          access.requireUser();
          all.forEach(access::checkKeysOf);
          LeaseLeasesResponse.Builder response =
              LeaseLeasesResponse.newBuilder().setHeader(headers.now());
          all.forEach(id -> response.addLeases(LeaseStatus.newBuilder().setID(id.value())));
          return response.build();
        });
  }
}
