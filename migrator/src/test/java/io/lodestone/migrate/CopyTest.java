package io.lodestone.migrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.lodestone.api.KeyRange;
import io.lodestone.api.LodestoneException;
import io.lodestone.api.etcdserverpb.DeleteRangeRequest;
import io.lodestone.api.etcdserverpb.KVGrpc;
import io.lodestone.api.etcdserverpb.LeaseGrantRequest;
import io.lodestone.api.etcdserverpb.LeaseGrpc;
import io.lodestone.api.etcdserverpb.LeaseRevokeRequest;
import io.lodestone.api.etcdserverpb.PutRequest;
import io.lodestone.api.etcdserverpb.RangeRequest;
import io.lodestone.api.etcdserverpb.RequestOp;
import io.lodestone.api.etcdserverpb.TxnRequest;
import io.lodestone.api.mvccpb.KeyValue;
import io.lodestone.client.ClientOptions;
import io.lodestone.client.EtcdConnection;
import io.lodestone.migrate.copy.Copy;
import io.lodestone.migrate.copy.CopyOptions;
import io.lodestone.migrate.copy.CopyReport;
import io.lodestone.migrate.copy.KeyMapping;
import io.lodestone.peers.EtcdCluster;
import io.lodestone.peers.EtcdRelease;
import io.lodestone.peers.Workload;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Lasting copies from one stock cluster into another that has other data. */
@Tag("once")
final class CopyTest {
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  @TempDir Path folder;
  private EtcdCluster from;
  private EtcdCluster to;
  private EtcdConnection source;
  private EtcdConnection destination;

  @BeforeEach
  void start() throws Exception {
    from = EtcdCluster.of(EtcdRelease.of("3.5"), folder.resolve("from")).members(3).start();
    to = EtcdCluster.of(EtcdRelease.of("3.4"), folder.resolve("to")).token("other").start();
    source = Move.connect(from.endpoints());
    destination = Move.connect(to.endpoints());
  }

  @AfterEach
  void stop() {
    source.close();
    destination.close();
    from.close();
    to.close();
  }

  private CopyOptions options(String prefix, String toPrefix) {
    return new CopyOptions(
        ClientOptions.of(from.endpoints().toArray(String[]::new)),
        ClientOptions.of(to.endpoints().toArray(String[]::new)),
        new KeyMapping(ByteString.copyFromUtf8(prefix), ByteString.copyFromUtf8(toPrefix)),
        Optional.empty(),
        128,
        true,
        false,
        PATIENCE);
  }

  private static CopyOptions once(CopyOptions options) {
    return new CopyOptions(
        options.source(),
        options.destination(),
        options.mapping(),
        options.checkpointKey(),
        options.maxTxnOps(),
        options.leases(),
        true,
        options.patience());
  }

  /** A copy on a thread of its own. */
  private static final class Running implements AutoCloseable {
    private final Copy copy;
    private final CompletableFuture<CopyReport> end;

    Running(CopyOptions options) {
      copy = new Copy(options, report -> {});
      end =
          CompletableFuture.supplyAsync(
              () -> {
                try {
                  return copy.run();
                } catch (InterruptedException e) {
                  throw new CompletionException(e);
                }
              },
              task -> new Thread(task, "copy").start());
    }

    CopyReport end() {
      copy.stop();
      return end.orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS).join();
    }

    @Override
    public void close() {
      copy.stop();
      end.handle((report, failure) -> report)
          .orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS)
          .join();
    }
  }

  /** Keys without their prefix, with value and lease. */
  private static Map<String, String> contents(EtcdConnection cluster, String prefix) {
    KeyRange range = KeyRange.prefix(ByteString.copyFromUtf8(prefix));
    Map<String, String> contents = new TreeMap<>();
    for (KeyValue kv :
        cluster
            .read(
                KVGrpc.getRangeMethod(),
                RangeRequest.newBuilder().setKey(range.start()).setRangeEnd(range.end()).build())
            .getKvsList()) {
      contents.put(
          kv.getKey().toStringUtf8().substring(prefix.length()),
          kv.getValue().toStringUtf8() + " " + kv.getLease());
    }
    return contents;
  }

  private void awaitEqual(String prefix, String toPrefix) {
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> assertThat(contents(destination, toPrefix)).isEqualTo(contents(source, prefix)));
  }

  private static long grant(EtcdConnection cluster, long ttl) {
    return cluster
        .write(LeaseGrpc.getLeaseGrantMethod(), LeaseGrantRequest.newBuilder().setTTL(ttl).build())
        .getID();
  }

  private static void put(EtcdConnection cluster, String key, long lease) {
    cluster.write(
        KVGrpc.getPutMethod(),
        PutRequest.newBuilder().setKey(ByteString.copyFromUtf8(key)).setLease(lease).build());
  }

  @Test
  void aRandomWorkloadArrivesWhateverDies() throws Exception {
    Move.put(destination, "mine", "stays");
    Move.put(destination, "copy/key/stale", "goes");
    write(3, 200);
    try (Running copy = new Running(options("key/", "copy/key/"))) {
      try (Workload workload = workload(4)) {
        for (int member = 0; member < 2; member++) {
          awaitWrites(workload, 100);
          from.member(member).kill();
          to.member(0).kill();
          to.member(0).start();
          from.member(member).start();
          from.awaitReady(member);
          to.awaitReady(0);
        }
      }
      awaitEqual("key/", "copy/key/");
      assertThat(copy.end().puts()).isPositive();
    }
    assertThat(Move.get(destination, "mine")).isEqualTo("stays");
    CopyReport again = run(once(options("key/", "copy/key/")), report -> {});
    assertThat(again.puts() + again.deletes()).isZero();
  }

  private Workload workload(long seed) {
    return Workload.start(seed, 2, true, List.of(from.channel(0), from.channel(1)));
  }

  private void write(long seed, long writes) {
    try (Workload workload = workload(seed)) {
      awaitWrites(workload, writes);
    }
  }

  private static void awaitWrites(Workload workload, long more) {
    long target = workload.writes() + more;
    await().atMost(PATIENCE).until(() -> workload.writes() >= target);
  }

  private static CopyReport run(CopyOptions options, Consumer<CopyReport> progress)
      throws InterruptedException {
    return new Copy(options, progress).run();
  }

  @Test
  void aLeaseLivesAsLongAsItsOriginal() throws Exception {
    long lease = grant(source, 2);
    put(source, "leased/k", lease);
    try (Running copy = new Running(options("leased/", "leased/"))) {
      awaitEqual("leased/", "leased/");
      assertThat(contents(destination, "leased/")).containsEntry("k", " " + lease);
      long second = grant(source, 60);
      put(source, "leased/l", second);
      awaitEqual("leased/", "leased/");
      source.write(
          LeaseGrpc.getLeaseRevokeMethod(), LeaseRevokeRequest.newBuilder().setID(second).build());
      await().atMost(PATIENCE).until(() -> !contents(destination, "leased/").containsKey("l"));
      await().atMost(PATIENCE).until(() -> contents(source, "leased/").isEmpty()); // it ran out
      awaitEqual("leased/", "leased/");
      assertThat(copy.end().bases()).isOne();
    }
  }

  @Test
  void aCopyThatIsContinuedComparesNothingAndMissesNothing() throws Exception {
    Move.put(source, "a/1", "one");
    CopyOptions options = options("a/", "b/");
    try (Running copy = new Running(options)) {
      awaitEqual("a/", "b/");
      assertThat(copy.end().bases()).isOne();
    }
    Move.put(source, "a/2", "two");
    source.write(
        KVGrpc.getDeleteRangeMethod(),
        DeleteRangeRequest.newBuilder().setKey(ByteString.copyFromUtf8("a/1")).build());
    try (Running copy = new Running(options)) {
      awaitEqual("a/", "b/");
      CopyReport report = copy.end();
      assertThat(report.bases()).isZero();
      assertThat(report.puts()).isOne();
      assertThat(report.deletes()).isOne();
    }
  }

  @Test
  void whatWasCompactedIsComparedAnew() throws Exception {
    Move.put(source, "a/1", "one");
    CopyOptions options = options("a/", "b/");
    try (Running copy = new Running(options)) {
      awaitEqual("a/", "b/");
      assertThat(copy.end().revision()).isEqualTo(source.revision());
    }
    Move.put(source, "a/2", "two");
    source.compact(Move.put(source, "a/3", "three"));
    try (Running copy = new Running(options)) {
      awaitEqual("a/", "b/");
      assertThat(copy.end().bases()).isOne();
    }
  }

  @Test
  void aSecondCopyTakesOverAndTheFirstEnds() throws Exception {
    Move.put(source, "a/1", "one");
    CopyOptions options = options("a/", "b/");
    try (Running first = new Running(options)) {
      awaitEqual("a/", "b/");
      try (Running second = new Running(options)) {
        await()
            .atMost(PATIENCE)
            .until(() -> Move.put(source, "a/2", "two") > 0 && first.end.isDone());
        assertThatThrownBy(() -> first.end.get(PATIENCE.toSeconds(), TimeUnit.SECONDS))
            .isInstanceOf(ExecutionException.class)
            .hasCauseInstanceOf(LodestoneException.class)
            .hasMessageContaining("another copy writes to the same place");
        Move.put(source, "a/3", "three");
        awaitEqual("a/", "b/");
        assertThat(second.end().revision()).isEqualTo(source.revision());
      }
    }
  }

  @Test
  void largeRevisionsAndValuesFitTheDestinationsLimits() throws Exception {
    String large = "x".repeat(400_000);
    for (int i = 0; i < 5; i++) {
      Move.put(source, "a/large" + i, large);
    }
    CopyOptions options = options("a/", "");
    CopyOptions small =
        new CopyOptions(
            options.source(),
            options.destination(),
            options.mapping(),
            Optional.of("here"),
            3,
            false,
            false,
            PATIENCE);
    try (Running copy = new Running(small)) {
      await().atMost(PATIENCE).until(() -> contents(destination, "large").size() == 5);
      TxnRequest.Builder txn = TxnRequest.newBuilder();
      for (int i = 0; i < 100; i++) {
        txn.addSuccess(
            RequestOp.newBuilder()
                .setRequestPut(
                    PutRequest.newBuilder()
                        .setKey(ByteString.copyFromUtf8("a/small" + i))
                        .setValue(ByteString.copyFromUtf8("v"))));
      }
      source.write(KVGrpc.getTxnMethod(), txn.build());
      await().atMost(PATIENCE).until(() -> contents(destination, "small").size() == 100);
      assertThat(contents(destination, "here")).hasSize(1);
      assertThat(copy.end().transactions()).isGreaterThan(52);
    }
  }

  @Test
  void foreignCheckpointsAndCirclesAreRefused() {
    Move.put(destination, "precious", "not a checkpoint");
    CopyOptions onto =
        new CopyOptions(
            options("a/", "b/").source(),
            options("a/", "b/").destination(),
            options("a/", "b/").mapping(),
            Optional.of("precious"),
            128,
            true,
            true,
            PATIENCE);
    assertThatThrownBy(() -> run(onto, report -> {}))
        .isInstanceOf(LodestoneException.class)
        .hasMessageContaining("precious");
    assertThat(Move.get(destination, "precious")).isEqualTo("not a checkpoint");
    CopyOptions circle =
        new CopyOptions(
            options("a/", "a/b/").source(),
            options("a/", "a/b/").source(),
            options("a/", "a/b/").mapping(),
            Optional.empty(),
            128,
            true,
            true,
            PATIENCE);
    assertThatThrownBy(() -> run(circle, report -> {}))
        .isInstanceOf(LodestoneException.class)
        .hasMessageContaining("into itself");
  }
}
