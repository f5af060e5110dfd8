package io.lodestone.replica;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.lodestone.api.etcdserverpb.HashKVResponse;
import io.lodestone.api.etcdserverpb.KVGrpc;
import io.lodestone.api.etcdserverpb.PutRequest;
import io.lodestone.client.ClientOptions;
import io.lodestone.client.EtcdConnection;
import io.lodestone.peers.EtcdCluster;
import io.lodestone.peers.EtcdRelease;
import io.lodestone.peers.FreePorts;
import io.lodestone.peers.Workload;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A replica that is a learner of real clusters, beside their members. */
final class LearnerTest {
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  @TempDir Path folder;
  private final int peerPort = FreePorts.take();

  private EtcdCluster stock(String minor, int members, String... flags) throws Exception {
    return EtcdCluster.of(EtcdRelease.of(minor), folder.resolve("source-" + minor))
        .members(members)
        .flags(flags)
        .start();
  }

  private RunningReplica learn(EtcdCluster cluster) {
    return RunningReplica.learn(
        ClientOptions.of(cluster.endpoints().toArray(String[]::new)),
        folder.resolve("replica"),
        peerPort,
        "http");
  }

  private static EtcdConnection connect(List<String> endpoints) {
    return EtcdConnection.open(ClientOptions.of(endpoints.toArray(String[]::new)));
  }

  private static long put(EtcdConnection connection, String key, String value) {
    PutRequest request =
        PutRequest.newBuilder()
            .setKey(ByteString.copyFromUtf8(key))
            .setValue(ByteString.copyFromUtf8(value))
            .build();
    return connection.write(KVGrpc.getPutMethod(), request).getHeader().getRevision();
  }

  private static HashKVResponse hash(EtcdConnection connection, long revision) {
    return connection.hashKv(connection.endpoints().get(0), revision);
  }

  /** Both hash alike at every revision above the compacted one. */
  private static void assertEqual(EtcdConnection source, EtcdConnection replica) {
    long head = source.revision();
    long compacted = Math.max(1, hash(source, head).getCompactRevision());
    await()
        .atMost(PATIENCE)
        .until(() -> Math.max(1, hash(replica, head).getCompactRevision()) == compacted);
    for (long revision = compacted + 1; revision <= head; revision++) {
      assertThat(hash(replica, revision).getHash())
          .as("HashKV at %d of %d, compacted %d", revision, head, compacted)
          .isEqualTo(hash(source, revision).getHash());
    }
  }

  @Test
  void followsTheWholeLog() throws Exception {
    try (EtcdCluster cluster = stock("3.5", 3);
        EtcdConnection source = connect(cluster.endpoints())) {
      put(source, "before", "v");
      try (RunningReplica replica = learn(cluster)) {
        try (Workload workload =
            Workload.start(7, 5, true, List.of(cluster.channel(0), cluster.channel(1)))) {
          replica.awaitRevision(source.revision());
          await().atMost(PATIENCE).until(() -> workload.writes() >= 300);
        }
        replica.awaitRevision(source.revision());
        assertEqual(source, replica.client());
      }
    }
  }
}
