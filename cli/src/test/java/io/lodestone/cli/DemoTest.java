package io.lodestone.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lodestone.peers.ChildProcess;
import io.lodestone.peers.EtcdRelease;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DemoTest {
  @Test
  void whatWasDeletedAndWhatWasDestroyedComesBack() throws Exception {
    JsonNode report = Cli.report("demo");
    assertThat(report.path("equal").asBoolean()).isTrue();
    assertThat(report.path("keys").asLong()).isPositive();
    assertThat(report.path("accident").findValuesAsText("into"))
        .containsExactly("lodestone store", "etcd " + EtcdRelease.newest().orElseThrow().version());
    for (JsonNode undone : report.path("accident")) {
      assertThat(undone.path("keys").asLong()).isEqualTo(report.path("keys").asLong());
      assertSameHash(undone);
    }
    assertThat(report.path("heir")).hasSize(1).allSatisfy(DemoTest::assertSameHash);
    assertThat(report.path("disaster").findValuesAsText("repository"))
        .containsExactly("file", "s3");
    for (JsonNode restored : report.path("disaster")) {
      assertThat(restored.path("revision").asLong()).isGreaterThan(50);
      assertSameHash(restored);
    }
  }

  private static void assertSameHash(JsonNode restored) {
    assertThat(restored.path("hashKvAfter").asText())
        .isEqualTo(restored.path("hashKvBefore").asText());
  }

  @Test
  void withoutAnyEtcdOnTheMachineTheStoreIsShownAlone(@TempDir Path folder) throws Exception {
    Path nothing = Files.createDirectory(folder.resolve("nothing"));
    Path log = folder.resolve("demo.log");
    Map<String, String> noEtcd =
        Map.of("PATH", nothing.toString(), "LODESTONE_PEERS", nothing.toString());
    try (ChildProcess demo = Cli.start(log, noEtcd, "demo", "--output", "json")) {
      assertThat(demo.waitFor(300)).as(demo.output()).isZero();
      String output = demo.output();
      assertThat(output).contains("no stock etcd on this machine");
      JsonNode report = new ObjectMapper().readTree(output.substring(output.indexOf("\n{")));
      assertThat(report.path("equal").asBoolean()).isTrue();
      assertThat(report.path("accident").findValuesAsText("into"))
          .containsExactly("lodestone store");
      assertThat(report.has("disaster")).isFalse();
    }
  }
}
