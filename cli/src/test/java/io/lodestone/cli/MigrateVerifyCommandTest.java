package io.lodestone.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.lodestone.peers.EtcdCluster;
import io.lodestone.peers.EtcdRelease;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** {@code migrate verify} between two stock clusters that were written alike. */
class MigrateVerifyCommandTest {
  private static final int KEYS = 60;
  private static final String OBJECTS = "v1 Pod in shop";

  @TempDir private Path folder;
  private EtcdCluster left;
  private EtcdCluster right;

  @BeforeEach
  void twoThatAreEqual() throws Exception {
    left = EtcdCluster.of(EtcdRelease.of("3.4"), folder.resolve("left")).token("left").start();
    right = EtcdCluster.of(EtcdRelease.of("3.5"), folder.resolve("right")).token("right").start();
    for (int i = 0; i < KEYS; i++) {
      both("put", "key-" + i, "value " + i);
    }
    both("put", "/registry/pods/shop/one", pod("one"));
  }

  @AfterEach
  void stop() throws Exception {
    left.close();
    right.close();
  }

  private void both(String... command) throws Exception {
    left.etcdctl(command);
    right.etcdctl(command);
  }

  private static String pod(String name) {
    return "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"namespace\":\"shop\",\"name\":\""
        + name
        + "\"}}";
  }

  private Cli.Outcome verify(String... more) {
    List<String> command = new ArrayList<>(List.of("migrate", "verify", "--output", "json"));
    command.addAll(List.of("--endpoints", left.endpoints().get(0)));
    command.addAll(List.of("--to-endpoints", right.endpoints().get(0)));
    command.addAll(Arrays.asList(more));
    return Cli.run(command.toArray(String[]::new));
  }

  @Test
  void everyValueAndEveryTypeIsLookedAt() throws Exception {
    Cli.Outcome equal = verify("--values", "--kubernetes");
    assertThat(equal.exitCode()).isEqualTo(ExitCodes.DONE);
    assertThat(equal.json().path("valuesCompared").asInt()).isEqualTo(KEYS + 1);
    assertThat(equal.json().path("differingValues")).isEmpty();
    JsonNode objects = equal.json().path("objects").path(0);
    assertThat(objects.path("objects").asText()).isEqualTo(OBJECTS);
    assertThat(objects.path("newestAtSource").asInt()).isEqualTo(KEYS + 2);

    left.etcdctl("put", "key-7", "another");
    right.etcdctl("put", "/registry/pods/shop/two", pod("two"));
    Cli.Outcome different = verify("--values", "--kubernetes");
    assertThat(different.exitCode()).isEqualTo(ExitCodes.DAMAGE);
    assertThat(different.json().path("differingValues").findValuesAsText("key"))
        .containsExactly("/registry/pods/shop/two", "key-7");
    JsonNode pods = different.json().path("objects").path(0);
    assertThat(pods.path("equal").asBoolean()).isFalse();
    assertThat(pods.path("source").asInt()).isEqualTo(1);
    assertThat(pods.path("destination").asInt()).isEqualTo(2);
    assertThat(pods.path("newestAtDestination").asInt()).isEqualTo(KEYS + 3);
  }

  @Test
  void aSampleIsSomeOfTheKeys() throws Exception {
    Cli.Outcome some = verify("--sample", "30");
    assertThat(some.exitCode()).isEqualTo(ExitCodes.DONE);
    assertThat(some.json().path("valuesCompared").asInt()).isBetween(8, 53);

    left.etcdctl("put", "key-7", "another");
    right.etcdctl("put", "key-7", "quite another");
    Cli.Outcome asManyAsThereAre = verify("--sample", "1000");
    assertThat(asManyAsThereAre.exitCode()).isEqualTo(ExitCodes.DAMAGE);
    assertThat(asManyAsThereAre.json().path("differingValues").findValuesAsText("key"))
        .containsExactly("key-7");
  }

  @Test
  void allAndSomeExcludeEachOther() {
    assertThat(verify("--values", "--sample", "10").exitCode())
        .isEqualTo(CommandLine.ExitCode.USAGE);
  }

  @Test
  void aSampleOfNothingIsNone() {
    Cli.Outcome refused = verify("--sample", "0");
    assertThat(refused.exitCode()).isEqualTo(ExitCodes.FAILED);
    assertThat(refused.err()).contains("shows nothing").contains("hint:");
  }
}
