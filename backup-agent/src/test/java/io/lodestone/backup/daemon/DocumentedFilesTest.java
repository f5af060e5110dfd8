package io.lodestone.backup.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import io.lodestone.backup.config.AgentConfig;
import io.lodestone.backup.config.AgentConfigFile;
import io.lodestone.backup.config.ClusterPlan;
import io.lodestone.backup.config.Task;
import io.lodestone.peers.EtcdCluster;
import io.lodestone.peers.EtcdRelease;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What docs/agent offers to be copied is what the agent understands and tells. */
class DocumentedFilesTest {
  private static final Path DOCS = Path.of("..", "docs");
  private static final Pattern METRIC = Pattern.compile("lodestone_agent_[a-z_]*[a-z]");
  private static final Pattern SHORT_METRIC = Pattern.compile("`([a-z]+_[a-z_]*[a-z])`");

  @TempDir Path folder;

  @Test
  void theExampleOfSettingsHolds() throws IOException {
    String example = Files.readString(DOCS.resolve("agent/agent.yaml"));
    Path settings = folder.resolve("agent.yaml");
    Files.writeString(settings, example.replace("/etc/lodestone/", folder + "/"));
    for (String secret : List.of("s3-access-key", "s3-secret-key", "etcd-password")) {
      Files.writeString(folder.resolve(secret), "secret\n");
    }

    AgentConfig config = new AgentConfigFile(settings, Map.of()).read();

    assertThat(config.clusters().stream().map(ClusterPlan::name))
        .containsExactly("prod", "staging");
    assertThat(config.clusters().get(0).schedules())
        .containsOnlyKeys(Task.BASE, Task.COMPACT, Task.EXPIRE, Task.VERIFY, Task.DRILL, Task.COPY);
    assertThat(config.clusters().get(1).schedules()).doesNotContainKey(Task.VERIFY);
  }

  @ParameterizedTest
  @ValueSource(strings = {"agent/alerts.yaml", "agent/dashboard.json"})
  void everyMetricNamedThereIsToldByAnAgent(String file) throws Exception {
    Set<String> named = names(METRIC, Files.readString(DOCS.resolve(file)));

    assertThat(named).hasSizeGreaterThan(4);
    assertThat(told()).containsAll(named);
  }

  @Test
  void thePageNamesEveryMetricAndNoOther() throws Exception {
    String page = Files.readString(DOCS.resolve("backup-agent.md"));
    String table = page.substring(page.indexOf("| metric"), page.indexOf("## Memory"));
    Set<String> named =
        SHORT_METRIC
            .matcher(table)
            .results()
            .map(match -> "lodestone_agent_" + match.group(1))
            .collect(Collectors.toCollection(TreeSet::new));
    named.add("lodestone_agent_state");

    assertThat(named).containsExactlyElementsOf(told());
  }

  /** The names of all metrics that an agent has which writes. */
  private Set<String> told() throws Exception {
    try (EtcdCluster source =
            EtcdCluster.of(EtcdRelease.of("3.5"), folder.resolve("etcd")).start();
        RunningDaemon agent =
            new RunningDaemon(
                folder,
                "agent",
                "clusters:",
                "  prod: {source: {endpoints: "
                    + source.endpoints()
                    + "}, repository: "
                    + folder.resolve("repository")
                    + ", schedules: {drill: '* * * * * ?'}}")) {
      agent.awaitMetric("lodestone_agent_predicted_restore_seconds{cluster=\"prod\"}", 0);
      return names(METRIC, agent.get("/metrics").body());
    }
  }

  private static Set<String> names(Pattern pattern, String text) {
    return pattern
        .matcher(text)
        .results()
        .map(MatchResult::group)
        .collect(Collectors.toCollection(TreeSet::new));
  }
}
