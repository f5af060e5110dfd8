package io.lodestone.backup.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lodestone.peers.EtcdCluster;
import io.lodestone.peers.EtcdRelease;
import io.lodestone.repository.Description.LineageDescription;
import io.lodestone.repository.Repository;
import io.lodestone.repository.VerifyReport;
import io.lodestone.repository.objects.ObjectStores;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An agent that backs up two tenants of one cluster, by their own users, into one repository. */
final class PrefixAgentTest {
  private static final String EVERY_SECOND = "'* * * * * ?'";
  private static final String EVERY_FIVE = "'0/5 * * * * ?'";

  @TempDir Path folder;

  private String tenant(EtcdCluster source, String name, Path password) {
    return "{source: {endpoints: "
        + source.endpoints().get(0)
        + ", user: "
        + name
        + ", password-file: "
        + password
        + "}, prefix: /"
        + name
        + "/, repository: "
        + folder.resolve("repository")
        + ", seal-interval: 100ms, keep: any point for 1 h, schedules: {base: "
        + EVERY_FIVE
        + ", compact: "
        + EVERY_SECOND
        + ", expire: "
        + EVERY_SECOND
        + ", verify: "
        + EVERY_SECOND
        + "}}";
  }

  private static void put(EtcdCluster source, String tenant, int value) throws Exception {
    source.etcdctl("--user", tenant + ":secret", "put", "/" + tenant + "/key", "" + value);
  }

  @Test
  void twoTenantsOfOneClusterDoNotMeetAndNewBasesLeaveNoGap() throws Exception {
    Path password = Files.writeString(folder.resolve("password"), "secret");
    try (EtcdCluster source =
        EtcdCluster.of(EtcdRelease.of("3.5"), folder.resolve("etcd")).start()) {
      source.etcdctl("user", "add", "root:secret");
      source.etcdctl("user", "grant-role", "root", "root");
      for (String name : List.of("one", "two")) {
        source.etcdctl("user", "add", name + ":secret");
        source.etcdctl("role", "add", name);
        source.etcdctl("role", "grant-permission", name, "readwrite", "/" + name + "/", "--prefix");
        source.etcdctl("user", "grant-role", name, name);
      }
      source.etcdctl("auth", "enable");
      put(source, "one", 0);
      try (RunningDaemon agent =
          new RunningDaemon(
              folder,
              "agent",
              "clusters:",
              "  one: " + tenant(source, "one", password),
              "  two: " + tenant(source, "two", password))) {
        agent.awaitDurable("one", 2);
        for (int i = 1; i <= 8; i++) {
          put(source, i % 2 == 0 ? "one" : "two", i);
        }
        agent.awaitDurable("one", 10);
        agent.awaitDurable("two", 10);
        await()
            .atMost(Duration.ofMinutes(2))
            .untilAsserted(
                () ->
                    assertThat(described())
                        .hasSize(2)
                        .allSatisfy(tenant -> assertThat(tenant.bases()).hasSizeGreaterThan(2)));
        agent.awaitMetric(
            "lodestone_agent_task_success_timestamp_seconds{cluster=\"one\",task=\"verify\"}", 1);
      }
    }
    assertThat(described())
        .allSatisfy(tenant -> assertThat(tenant.gaps()).isEmpty())
        .extracting(tenant -> tenant.prefix().orElseThrow().toStringUtf8())
        .containsExactlyInAnyOrder("/one/", "/two/");
    try (Repository opened = Repository.open(ObjectStores.open(repository()))) {
      assertThat(opened.verify(VerifyReport.Progress.NONE).problems()).isEmpty();
    }
  }

  private String repository() {
    return folder.resolve("repository").toString();
  }

  private List<LineageDescription> described() throws Exception {
    try (Repository opened = Repository.open(ObjectStores.open(repository()))) {
      return opened.describe().lineages();
    }
  }
}
