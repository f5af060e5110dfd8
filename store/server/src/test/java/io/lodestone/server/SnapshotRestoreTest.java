package io.lodestone.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.lodestone.peers.Commands;
import io.lodestone.peers.EtcdCluster;
import io.lodestone.peers.EtcdRelease;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A snapshot of ours becomes a member of stock etcd that holds the same. */
final class SnapshotRestoreTest {
  static List<EtcdRelease> releases() {
    return EtcdRelease.installed();
  }

  @ParameterizedTest
  @MethodSource("releases")
  void stockEtcdGoesOnWithOurSnapshot(EtcdRelease release, @TempDir Path folder) throws Exception {
    Path file = folder.resolve("snapshot.db");
    String ours;
    try (EmbeddedStore store = EmbeddedStore.builder().start()) {
      Etcdctl etcdctl = new Etcdctl(release, store);
      for (int i = 0; i < 30; i++) {
        etcdctl.run("put", "k" + i % 7, "v" + i);
      }
      etcdctl.run("del", "k3");
      String lease = etcdctl.run("lease", "grant", "1000").split(" ", -1)[1];
      etcdctl.run("put", "leased", "1", "--lease", lease);
      etcdctl.run("compaction", "20", "--physical");
      etcdctl.run("put", "k1", "last");
      etcdctl.run("snapshot", "save", file.toString());
      ours = hash(etcdctl.run("endpoint", "hashkv", "--rev", "34"));
    }

    EtcdCluster.Plan plan = EtcdCluster.of(release, folder.resolve("stock"));
    restore(release, file, plan);
    try (EtcdCluster stock = plan.start()) {
      assertThat(hash(stock.etcdctl("endpoint", "hashkv", "--rev", "34"))).isEqualTo(ours);
      assertThat(stock.etcdctl("get", "k1", "--print-value-only")).isEqualTo("last\n");
      assertThat(stock.etcdctl("lease", "list")).contains("found 1 leases");
    }
  }

  /** {@code endpoint, hash}. */
  private static String hash(String line) {
    return line.substring(line.indexOf(',') + 1).strip();
  }

  private static void restore(EtcdRelease release, Path file, EtcdCluster.Plan plan)
      throws Exception {
    Map.Entry<String, String> member = plan.peerUrls().entrySet().iterator().next();
    Commands.run(
        List.of(
            release.snapshotTool().toString(),
            "snapshot",
            "restore",
            file.toString(),
            "--name=" + member.getKey(),
            "--initial-cluster=" + member.getKey() + "=" + member.getValue(),
            "--initial-advertise-peer-urls=" + member.getValue(),
            "--initial-cluster-token=" + plan.token(),
            "--data-dir=" + plan.dataDir(member.getKey())));
  }
}
