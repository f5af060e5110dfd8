package io.lodestone.junit5;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.lodestone.server.EmbeddedCluster;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A cluster as a field, whose members come and go. */
final class ClusterExtensionTest {
  @RegisterExtension static final ClusterExtension CLUSTER = ClusterExtension.of(3);

  private static final ByteSequence KEY = ByteSequence.from("k", StandardCharsets.UTF_8);

  @Test
  void theOthersGoOnWithoutAMember(EmbeddedCluster cluster) throws Exception {
    assertThat(cluster).isSameAs(CLUSTER.cluster());
    String[] all = cluster.endpoints();
    assertThat(all).hasSize(3);
    cluster.stop("m1");
    try (Client client = Client.builder().endpoints(cluster.endpoints()).build()) {
      await()
          .atMost(Duration.ofMinutes(1))
          .ignoreExceptions()
          .until(() -> client.getKVClient().put(KEY, KEY).get(10, TimeUnit.SECONDS) != null);
    }
    cluster.start("m1");
    try (Client client = Client.builder().endpoints(cluster.member("m1").endpoint()).build()) {
      await()
          .atMost(Duration.ofMinutes(1))
          .ignoreExceptions()
          .until(() -> client.getKVClient().get(KEY).get(10, TimeUnit.SECONDS).getCount() == 1);
    }
  }
}
