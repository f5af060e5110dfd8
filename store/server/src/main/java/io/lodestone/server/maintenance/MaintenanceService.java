package io.lodestone.server.maintenance;

import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.lodestone.api.ErrorCode;
import io.lodestone.api.StoreException;
import io.lodestone.api.etcdserverpb.AlarmMember;
import io.lodestone.api.etcdserverpb.AlarmRequest;
import io.lodestone.api.etcdserverpb.AlarmRequest.AlarmAction;
import io.lodestone.api.etcdserverpb.AlarmResponse;
import io.lodestone.api.etcdserverpb.DefragmentRequest;
import io.lodestone.api.etcdserverpb.DefragmentResponse;
import io.lodestone.api.etcdserverpb.DowngradeRequest;
import io.lodestone.api.etcdserverpb.DowngradeResponse;
import io.lodestone.api.etcdserverpb.HashKVRequest;
import io.lodestone.api.etcdserverpb.HashKVResponse;
import io.lodestone.api.etcdserverpb.HashRequest;
import io.lodestone.api.etcdserverpb.HashResponse;
import io.lodestone.api.etcdserverpb.InternalRaftRequest;
import io.lodestone.api.etcdserverpb.MaintenanceGrpc;
import io.lodestone.api.etcdserverpb.MoveLeaderRequest;
import io.lodestone.api.etcdserverpb.MoveLeaderResponse;
import io.lodestone.api.etcdserverpb.SnapshotRequest;
import io.lodestone.api.etcdserverpb.SnapshotResponse;
import io.lodestone.api.etcdserverpb.StatusRequest;
import io.lodestone.api.etcdserverpb.StatusResponse;
import io.lodestone.etcdfile.db.BackendHash;
import io.lodestone.etcdfile.db.EtcdDatabase;
import io.lodestone.mvcc.Engine;
import io.lodestone.mvcc.EngineView;
import io.lodestone.revisions.digest.HashKv;
import io.lodestone.server.call.Access;
import io.lodestone.server.call.Answers;
import io.lodestone.server.call.ResponseHeaders;
import io.lodestone.server.cluster.Membership;
import io.lodestone.server.metrics.MaintenanceMetrics;
import io.lodestone.server.metrics.MaintenanceMetrics.Measured;
import io.lodestone.server.proposal.Proposals;
import io.lodestone.server.proposal.Submissions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;

/**
 * etcd's Maintenance service. What takes long runs on {@code background}, which is bounded.
 * Thread-safe; never blocks.
 */
public final class MaintenanceService extends MaintenanceGrpc.MaintenanceImplBase {
  private final Engine engine;
  private final Submissions submissions;
  private final Proposals proposals;
  private final Membership membership;
  private final Snapshots snapshots;
  private final Access access;
  private final ResponseHeaders headers;
  private final MaintenanceMetrics metrics;
  private final Executor background;

  public MaintenanceService(
      Engine engine,
      Submissions submissions,
      Proposals proposals,
      Membership membership,
      Snapshots snapshots,
      Access access,
      ResponseHeaders headers,
      MaintenanceMetrics metrics,
      Executor background) {
    this.engine = engine;
    this.submissions = submissions;
    this.proposals = proposals;
    this.membership = membership;
    this.snapshots = snapshots;
    this.access = access;
    this.headers = headers;
    this.metrics = metrics;
    this.background = background;
  }

  @Override
  public void alarm(AlarmRequest request, StreamObserver<AlarmResponse> out) {
    Answers.sendFrom(
        out,
        () -> {
          if (request.getAction() == AlarmAction.GET) {
            access.requireUser();
          } else {
            access.requireAdmin();
          }
          return submissions.submit(
              InternalRaftRequest.newBuilder().setAlarm(request),
              AlarmResponse.class,
              (response, revision) -> response.toBuilder().setHeader(headers.at(revision)).build());
        });
  }

  @Override
  public void status(StatusRequest request, StreamObserver<StatusResponse> out) {
    Answers.sendNow(
        out,
        () -> {
          access.requireAdmin();
          return status();
        });
  }

  private StatusResponse status() {
    StatusResponse.Builder status =
        StatusResponse.newBuilder()
            .setHeader(headers.now())
            .setVersion(ReportedVersion.SERVER)
            .setDbSize(engine.sizeBytes())
            .setDbSizeInUse(engine.sizeInUseBytes())
            .setLeader(proposals.leader())
            .setRaftIndex(proposals.committedIndex())
            .setRaftTerm(proposals.term())
            .setRaftAppliedIndex(proposals.appliedIndex())
            .setIsLearner(proposals.learns());
    if (proposals.leader() == 0) {
      status.addErrors(ErrorCode.NO_LEADER.text());
    }
    engine.alarms().raised().forEach(alarm -> status.addErrors(text(alarm)));
    return status.build();
  }

  /** As Go prints the message: fields that are zero are left out, and a blank ends each. */
  private static String text(AlarmMember alarm) {
    String member =
        alarm.getMemberID() == 0
            ? ""
            : "memberID:" + Long.toUnsignedString(alarm.getMemberID()) + " ";
    return member + "alarm:" + alarm.getAlarm() + " ";
  }

  @Override
  public void defragment(DefragmentRequest request, StreamObserver<DefragmentResponse> out) {
    inBackground(
        out,
        metrics::defragmentation,
        () -> {
          engine.defragment();
          return DefragmentResponse.getDefaultInstance();
        });
  }

  @Override
  public void hash(HashRequest request, StreamObserver<HashResponse> out) {
    inBackground(out, metrics::hash, () -> snapshots.with(this::hashOf));
  }

  /** etcd hashes its database: here it is the one that a snapshot sends. */
  private HashResponse hashOf(Path file, long revision) throws IOException {
    try (EtcdDatabase database = EtcdDatabase.open(file)) {
      return HashResponse.newBuilder()
          .setHeader(headers.at(revision))
          .setHash((int) BackendHash.ETCD_3_5.of(database))
          .build();
    }
  }

  @Override
  public void hashKV(HashKVRequest request, StreamObserver<HashKVResponse> out) {
    inBackground(
        out,
        metrics::revisionHash,
        () -> {
          try (EngineView view = engine.view()) {
            HashKv hash = view.hashKv(request.getRevision());
            return HashKVResponse.newBuilder()
                .setHeader(headers.at(view.revision()))
                .setHash(hash.hash())
                .setCompactRevision(hash.compactRevision())
                .build();
          }
        });
  }

  @Override
  public void snapshot(SnapshotRequest request, StreamObserver<SnapshotResponse> out) {
    ServerCallStreamObserver<SnapshotResponse> stream =
        (ServerCallStreamObserver<SnapshotResponse>) out;
    try {
      requireAdminUnmapped();
      SnapshotSender sender = new SnapshotSender(stream);
      background.execute(() -> send(sender, stream));
    } catch (RejectedExecutionException e) {
      Answers.fail(out, new StoreException(ErrorCode.TOO_MANY_REQUESTS));
    } catch (RuntimeException e) {
      Answers.fail(out, e);
    }
  }

  private void send(SnapshotSender sender, ServerCallStreamObserver<SnapshotResponse> out) {
    Measured measured = metrics.snapshot();
    try {
      snapshots.with(
          (file, revision) -> {
            sender.send(file, headers.at(revision));
            return revision;
          });
    } catch (IOException | RuntimeException e) {
      Answers.fail(out, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      Answers.fail(out, new StoreException(ErrorCode.STOPPED));
    } finally {
      measured.end();
    }
  }

  /** One member is its own leader, and can only hand over to itself, which changes nothing. */
  @Override
  public void moveLeader(MoveLeaderRequest request, StreamObserver<MoveLeaderResponse> out) {
    Answers.sendFrom(
        out,
        () -> {
          access.requireAdmin();
          if (proposals.leader() != headers.memberId()) {
            throw new StoreException(ErrorCode.NOT_LEADER);
          }
          if (!isVoter(request.getTargetID())) {
            throw new StoreException(ErrorCode.BAD_LEADER_TRANSFEREE);
          }
          return proposals
              .transferLeadership(request.getTargetID())
              .thenApply(done -> MoveLeaderResponse.getDefaultInstance());
        });
  }

  private boolean isVoter(long id) {
    return membership.members().stream()
        .anyMatch(member -> member.getID() == id && !member.getIsLearner());
  }

  @Override
  public void downgrade(DowngradeRequest request, StreamObserver<DowngradeResponse> out) {
    Answers.sendNow(
        out,
        () -> {
          access.requireAdmin();
          return Downgrades.answer(request).setHeader(headers.now()).build();
        });
  }

  /** These methods of etcd let its auth errors out as they are, without a status. */
  private void requireAdminUnmapped() {
    try {
      access.requireAdmin();
    } catch (StoreException e) {
      throw Status.UNKNOWN
          .withDescription(e.getMessage().replace("etcdserver: ", "auth: "))
          .withCause(e)
          .asRuntimeException();
    }
  }

  private interface Work<T> {
    T run() throws IOException, InterruptedException;
  }

  /** For administrators only. */
  private <T> void inBackground(StreamObserver<T> out, Supplier<Measured> measure, Work<T> work) {
    Answers.sendFrom(
        out,
        () -> {
          requireAdminUnmapped();
          try {
            return CompletableFuture.supplyAsync(() -> run(measure.get(), work), background);
          } catch (RejectedExecutionException e) {
            throw new StoreException(
                ErrorCode.TOO_MANY_REQUESTS, ErrorCode.TOO_MANY_REQUESTS.text(), "", e);
          }
        });
  }

  private static <T> T run(Measured measured, Work<T> work) {
    try {
      return work.run();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StoreException(ErrorCode.STOPPED, ErrorCode.STOPPED.text(), "", e);
    } finally {
      measured.end();
    }
  }
}
