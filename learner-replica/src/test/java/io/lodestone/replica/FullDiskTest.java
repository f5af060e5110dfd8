package io.lodestone.replica;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.util.concurrent.ListenableFuture;
import com.google.protobuf.ByteString;
import io.lodestone.api.LodestoneException;
import io.lodestone.api.etcdserverpb.KVGrpc;
import io.lodestone.api.etcdserverpb.PutRequest;
import io.lodestone.api.etcdserverpb.PutResponse;
import io.lodestone.client.ClientOptions;
import io.lodestone.client.EtcdConnection;
import io.lodestone.peers.EtcdCluster;
import io.lodestone.peers.EtcdRelease;
import io.lodestone.peers.FreePorts;
import io.lodestone.peers.SmallDisk;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A replica whose disk is, or becomes, too small: it ends, says so, and goes on with more room. */
final class FullDiskTest {
  private static final int VALUE_BYTES = 64 << 10;

  @TempDir Path folder;
  private final int peerPort = FreePorts.takeLasting();
  private final Random random = new Random(3);
  private SmallDisk disk;
  private EtcdCluster cluster;
  private EtcdConnection source;

  @BeforeEach
  void start() throws Exception {
    disk = SmallDisk.make(Files.createDirectory(folder.resolve("disk")), 96);
    cluster =
        EtcdCluster.of(EtcdRelease.of("3.5"), folder.resolve("source"))
            .flags("--snapshot-count=100")
            .start();
    source = Keyspaces.connect(cluster.endpoints());
  }

  @AfterEach
  void stop() throws Exception {
    source.close();
    cluster.close();
    disk.close();
  }

  private RunningReplica start(Mode mode, Path dataDir) {
    ClientOptions options = ClientOptions.of(cluster.endpoints().toArray(String[]::new));
    return mode == Mode.RAFT
        ? RunningReplica.learn(options, dataDir, peerPort, "http")
        : RunningReplica.start(options, dataDir, FreePorts.take(), true);
  }

  private long put(int count) {
    long revision = 0;
    byte[] value = new byte[VALUE_BYTES];
    for (int i = 0; i < count; i++) {
      random.nextBytes(value);
      PutRequest request =
          PutRequest.newBuilder()
              .setKey(ByteString.copyFromUtf8("k" + i))
              .setValue(ByteString.copyFrom(value))
              .build();
      revision = source.write(KVGrpc.getPutMethod(), request).getHeader().getRevision();
    }
    return revision;
  }

  @ParameterizedTest
  @EnumSource(Mode.class)
  void endsWithAHintAndGoesOnBehindWhatItHasOnceThereIsRoom(Mode mode) throws Exception {
    Path dataDir = disk.root().resolve("replica");
    try (RunningReplica replica = start(mode, dataDir)) {
      replica.awaitRevision(put(3));
      disk.fill();
      putUntilItEnds(replica);
      assertHint(replica.failure(), "there is no room left for the copy in", "make room");
    }
    disk.makeRoom();
    try (RunningReplica replica = start(mode, dataDir)) {
      replica.awaitRevision(put(2));
      assertSameHash(replica);
    }
  }

  /**
   * Of its log, RocksDB has taken some megabytes in advance. What comes after it has ended has to
   * find room on the same disk later on.
   */
  private void putUntilItEnds(RunningReplica replica) {
    for (int round = 0; !replica.hasEnded() && round < 50; round++) {
      replica.awaitRevisionOrEnd(put(20));
    }
  }

  private void assertSameHash(RunningReplica replica) {
    assertThat(Keyspaces.hash(replica.client(), 0).getHash())
        .isEqualTo(Keyspaces.hash(source, 0).getHash());
  }

  @ParameterizedTest
  @EnumSource(Mode.class)
  void aDiskThatIsTooSmallForTheBaseIsTold(Mode mode) throws Exception {
    put(60);
    leaveTheLogBehind();
    Path dataDir = disk.root().resolve("replica");
    disk.fill();
    disk.leave(3 << 20);
    try (RunningReplica replica = start(mode, dataDir)) {
      Throwable failure = replica.failure();
      assertHint(failure, "cannot be kept in " + dataDir, "room");
    }
    disk.makeRoom();
    try (RunningReplica replica = start(mode, dataDir)) {
      replica.awaitRevision(put(1));
      assertSameHash(replica);
    }
  }

  /** etcd keeps 5,000 entries behind its last snapshot. */
  private void leaveTheLogBehind() throws Exception {
    KVGrpc.KVFutureStub stub = KVGrpc.newFutureStub(cluster.channel(0));
    PutRequest request = PutRequest.newBuilder().setKey(ByteString.copyFromUtf8("k")).build();
    for (int done = 0; done < 5500; done += 500) {
      List<ListenableFuture<PutResponse>> puts = new ArrayList<>();
      for (int i = 0; i < 500; i++) {
        puts.add(stub.put(request));
      }
      for (ListenableFuture<PutResponse> put : puts) {
        put.get();
      }
    }
  }

  private static void assertHint(Throwable failure, String message, String hint) {
    assertThat(failure)
        .isInstanceOfSatisfying(
            LodestoneException.class,
            told -> {
              assertThat(told).hasMessageContaining(message);
              assertThat(told.hint()).contains(hint);
            });
  }
}
