package io.lodestone.replica;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lodestone.api.etcdserverpb.HashKVResponse;
import io.lodestone.client.ClientOptions;
import io.lodestone.client.EtcdConnection;
import java.time.Duration;
import java.util.List;

/** A source and its copy, side by side. */
final class Keyspaces {
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  private Keyspaces() {}

  static EtcdConnection connect(List<String> endpoints) {
    return EtcdConnection.open(ClientOptions.of(endpoints.toArray(String[]::new)));
  }

  static HashKVResponse hash(EtcdConnection connection, long revision) {
    return connection.hashKv(connection.endpoints().get(0), revision);
  }

  /** Both hash alike at every revision above the compacted one. */
  static void assertEqual(EtcdConnection source, EtcdConnection replica) {
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
}
