package io.lodestone.migrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.lodestone.api.LodestoneException;
import io.lodestone.client.ClientOptions;
import io.lodestone.client.EtcdConnection;
import io.lodestone.migrate.copy.Copy;
import io.lodestone.migrate.copy.CopyOptions;
import io.lodestone.migrate.copy.CopyReport;
import io.lodestone.migrate.copy.KeyMapping;
import io.lodestone.peers.EtcdCluster;
import io.lodestone.peers.EtcdRelease;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Copies between clusters that let nobody do more than a copy needs, or have no room. */
@Tag("once")
final class CopyAccessTest {
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final String PASSWORD = "p";
  private static final int VALUES = 200;

  @TempDir Path folder;

  private static ClientOptions reach(EtcdCluster cluster) {
    return ClientOptions.of(cluster.endpoints().toArray(String[]::new));
  }

  private static CopyReport once(ClientOptions from, ClientOptions to) throws InterruptedException {
    CopyOptions options =
        new CopyOptions(
            from,
            to,
            new KeyMapping(ByteString.copyFromUtf8("app/"), ByteString.copyFromUtf8("copy/")),
            Optional.empty(),
            128,
            true,
            true,
            PATIENCE);
    return new Copy(options, report -> {}).run();
  }

  @Test
  void overTlsByUsersWhoMayDoNothingElse() throws Exception {
    Secured secured = new Secured(folder.resolve("tls"));
    try (EtcdCluster from =
            secured.start(EtcdCluster.of(EtcdRelease.of("3.5"), folder.resolve("from")));
        EtcdCluster to =
            secured.start(
                EtcdCluster.of(EtcdRelease.of("3.4"), folder.resolve("to")).token("other"))) {
      secured.etcdctl(from, "put", "app/greeting", "hello");
      secured.etcdctl(from, "put", "secret", "not for the reader");
      secured.etcdctl(to, "put", "mine", "stays");
      enable(secured, from, "reader", "read", "app/");
      enable(secured, to, "writer", "readwrite", "copy/", "lodestone/copy/");
      ClientOptions source = secured.reach(reach(from)).withUser("reader", PASSWORD);
      ClientOptions destination = secured.reach(reach(to)).withUser("writer", PASSWORD);

      assertThat(once(source, destination).puts()).isOne();

      try (EtcdConnection copied = EtcdConnection.open(destination)) {
        assertThat(Move.get(copied, "copy/greeting")).isEqualTo("hello");
      }
      ClientOptions stranger = secured.reach(reach(to)).withUser("writer", "wrong");
      assertThatThrownBy(() -> once(source, stranger))
          .isInstanceOf(LodestoneException.class)
          .hasMessageContaining("authentication failed");
      secured.etcdctl(
          to, "--user=root:" + PASSWORD, "role", "revoke-permission", "--prefix", "it", "copy/");
      secured.etcdctl(from, "--user=root:" + PASSWORD, "put", "app/greeting", "changed");
      assertThatThrownBy(() -> once(source, destination))
          .isInstanceOf(LodestoneException.class)
          .hasMessageContaining("permission denied");
    }
  }

  /** Turns authentication on; {@code user} may do that and no more. */
  private static void enable(
      Secured secured, EtcdCluster cluster, String user, String permission, String... prefixes)
      throws Exception {
    secured.etcdctl(cluster, "user", "add", "root:" + PASSWORD);
    secured.etcdctl(cluster, "user", "grant-role", "root", "root");
    secured.etcdctl(cluster, "user", "add", user + ":" + PASSWORD);
    secured.etcdctl(cluster, "role", "add", "it");
    for (String prefix : prefixes) {
      secured.etcdctl(
          cluster, "role", "grant-permission", "--prefix=true", "it", permission, prefix);
    }
    secured.etcdctl(cluster, "user", "grant-role", user, "it");
    secured.etcdctl(cluster, "auth", "enable");
  }

  @Test
  void aFullDestinationEndsTheCopyWhichGoesOnOnceThereIsRoom() throws Exception {
    EtcdCluster.Plan plan =
        EtcdCluster.of(EtcdRelease.of("3.5"), folder.resolve("to"))
            .token("other")
            .flags("--quota-backend-bytes=2097152");
    try (EtcdCluster from = EtcdCluster.of(EtcdRelease.of("3.5"), folder.resolve("from")).start();
        EtcdConnection source = EtcdConnection.open(reach(from))) {
      String large = "x".repeat(200_000);
      // etcd counts what it has only ten times a second
      for (int i = 0; i < VALUES; i++) {
        Move.put(source, "app/" + i, large);
      }
      try (EtcdCluster full = plan.start()) {
        assertThatThrownBy(() -> once(reach(from), reach(full)))
            .isInstanceOfSatisfying(
                LodestoneException.class,
                stopped -> assertThat(stopped.hint()).contains("alarm disarm", "again"))
            .hasMessageContaining("quota");
      }
      try (EtcdCluster roomy = plan.flags("--quota-backend-bytes=1073741824").start();
          EtcdConnection destination = EtcdConnection.open(reach(roomy))) {
        roomy.etcdctl("alarm", "disarm");
        CopyReport rest = once(reach(from), reach(roomy));
        assertThat(rest.puts())
            .as("what had been copied before is not again")
            .isBetween(1L, VALUES - 1L);
        assertThat(Move.get(destination, "copy/99")).isEqualTo(large);
      }
    }
  }
}
