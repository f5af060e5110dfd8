package io.lodestone.server.lease;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import io.lodestone.api.LeaseId;
import io.lodestone.api.etcdserverpb.InternalRaftRequest;
import io.lodestone.api.etcdserverpb.LeaseCheckpoint;
import io.lodestone.api.etcdserverpb.LeaseCheckpointRequest;
import io.lodestone.api.etcdserverpb.LeaseGrantRequest;
import io.lodestone.api.etcdserverpb.LeaseGrpc;
import io.lodestone.api.etcdserverpb.LeaseKeepAliveRequest;
import io.lodestone.api.etcdserverpb.LeaseKeepAliveResponse;
import io.lodestone.mvcc.Engine;
import io.lodestone.mvcc.EngineOptions;
import io.lodestone.mvcc.direct.DirectLog;
import io.lodestone.server.EmbeddedStore;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a restart knows of the time that leases have left. */
final class LeaseCheckpointsTest {
  private static final LeaseId LONG = new LeaseId(7);
  private static final LeaseId SHORT = new LeaseId(8);

  @TempDir Path folder;

  private final AtomicLong nanos = new AtomicLong(1);

  private Engine open() throws Exception {
    Engine engine = Engine.open(folder.resolve("store"), EngineOptions.DEFAULT, nanos::get);
    engine.leases().promote(Duration.ZERO);
    return engine;
  }

  /** A log whose proposals are applied when this returns. */
  private static final class Running implements AutoCloseable {
    private final DirectLog log;
    private final LeaseCheckpoints checkpoints;

    private Running(Engine engine) {
      log = new DirectLog(engine);
      log.start();
      checkpoints = new LeaseCheckpoints(engine.leases(), request -> propose(request.build()));
    }

    private CompletableFuture<?> propose(InternalRaftRequest request) {
      var applied = log.propose(request);
      applied.join();
      return applied;
    }

    private void grant(LeaseId id, long ttlSeconds) {
      var unused =
          propose(
              InternalRaftRequest.newBuilder()
                  .setLeaseGrant(
                      LeaseGrantRequest.newBuilder().setID(id.value()).setTTL(ttlSeconds))
                  .build());
    }

    @Override
    public void close() {
      log.close();
    }
  }

  private void pass(Duration time) {
    nanos.addAndGet(time.toNanos());
  }

  private static long remaining(Engine engine, LeaseId id) {
    return engine.leases().status(id, false).orElseThrow().remainingTtlSeconds();
  }

  @Test
  void aRestartForgetsFiveMinutesAtMost() throws Exception {
    try (Engine engine = open();
        Running running = new Running(engine)) {
      running.grant(LONG, 1000);
      running.grant(SHORT, 400);
      pass(Duration.ofSeconds(299));
      running.checkpoints.tick();
      assertThat(engine.leases().isCheckpointed(LONG)).isFalse();
      pass(Duration.ofSeconds(2));
      running.checkpoints.tick();
      pass(Duration.ofSeconds(50));
    }
    try (Engine engine = open()) {
      assertThat(remaining(engine, LONG)).isEqualTo(699);
      assertThat(remaining(engine, SHORT)).isEqualTo(99);
      pass(Duration.ofSeconds(100));
      assertThat(engine.leases().expired()).containsExactly(SHORT);
    }
  }

  @Test
  void aLeaseThatIsRenewedIsNotNotedAndARenewalTakesTheNoteBack() throws Exception {
    try (Engine engine = open();
        Running running = new Running(engine)) {
      running.grant(LONG, 1000);
      for (int i = 0; i < 10; i++) {
        pass(Duration.ofSeconds(200));
        assertThat(engine.leases().renew(LONG)).contains(1000L);
        running.checkpoints.tick();
      }
      assertThat(engine.leases().isCheckpointed(LONG)).isFalse();
      pass(Duration.ofSeconds(400));
      running.checkpoints.tick();
      assertThat(engine.leases().isCheckpointed(LONG)).isTrue();
      running.checkpoints.forget(LONG).join();
    }
    try (Engine engine = open()) {
      assertThat(remaining(engine, LONG)).isEqualTo(1000);
    }
  }

  @Test
  void clientsThatRenewALeaseWithANoteGetItsWholeTtlEvenAfterARestart() throws Exception {
    Path data = folder.resolve("data");
    try (Engine engine = Engine.open(data.resolve("store"), EngineOptions.DEFAULT);
        Running running = new Running(engine)) {
      running.grant(LONG, 1000);
      var unused =
          running.propose(
              InternalRaftRequest.newBuilder()
                  .setLeaseCheckpoint(
                      LeaseCheckpointRequest.newBuilder()
                          .addCheckpoints(
                              LeaseCheckpoint.newBuilder().setID(7).setRemainingTTL(60)))
                  .build());
    }
    try (EmbeddedStore store = EmbeddedStore.builder().dataDir(data).start()) {
      assertThat(renewed(store, 7, 99, 7)).containsExactly(1000L, 0L, 1000L);
    }
    try (Engine engine = Engine.open(data.resolve("store"), EngineOptions.DEFAULT)) {
      assertThat(engine.leases().isCheckpointed(LONG)).isFalse();
    }
  }

  /** The TTLs that one stream tells of renewals that were sent without waiting. */
  private static List<Long> renewed(EmbeddedStore store, long... leases) throws Exception {
    ManagedChannel channel = NettyChannelBuilder.forTarget(store.target()).usePlaintext().build();
    try {
      Answers answers = new Answers();
      StreamObserver<LeaseKeepAliveRequest> stream =
          LeaseGrpc.newStub(channel).leaseKeepAlive(answers);
      for (long lease : leases) {
        stream.onNext(LeaseKeepAliveRequest.newBuilder().setID(lease).build());
      }
      stream.onCompleted();
      assertThat(answers.over.await(10, TimeUnit.SECONDS)).isTrue();
      return answers.heard.stream().map(LeaseKeepAliveResponse::getTTL).toList();
    } finally {
      channel.shutdownNow();
    }
  }

  private static final class Answers implements StreamObserver<LeaseKeepAliveResponse> {
    private final BlockingQueue<LeaseKeepAliveResponse> heard = new LinkedBlockingQueue<>();
    private final CountDownLatch over = new CountDownLatch(1);

    @Override
    public void onNext(LeaseKeepAliveResponse answer) {
      heard.add(answer);
    }

    @Override
    public void onError(Throwable t) {
      over.countDown();
    }

    @Override
    public void onCompleted() {
      over.countDown();
    }
  }
}
