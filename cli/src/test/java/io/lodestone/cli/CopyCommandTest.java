package io.lodestone.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.lodestone.cli.SourceSampler.Sample;
import io.lodestone.peers.EtcdCluster;
import io.lodestone.peers.EtcdRelease;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A second repository, which is restored when the first one is gone. */
final class CopyCommandTest {
  @TempDir Path folder;

  @Test
  void theCopyIsRestoredIntoEtcdAsTheFirstOneWouldBe() throws Exception {
    String first = "file:" + folder.resolve("first");
    String copy = "file:" + folder.resolve("copy");
    EtcdRelease release = EtcdRelease.of("3.5");
    Sample expected;
    try (EtcdCluster source = EtcdCluster.of(release, folder.resolve("source")).start()) {
      String endpoint = source.member(0).endpoint();
      write(source, 1);
      capture(endpoint, first);
      JsonNode begun = Cli.report("backup", "copy", "--from", first, "--to", copy).get("lineages");
      assertThat(begun).hasSize(1);
      assertThat(begun.get(0).path("objects").asLong()).isPositive();
      write(source, 2);
      capture(endpoint, first);
      Cli.Outcome unused = Cli.run("backup", "compact", "--repository", first);
      expected = SourceSampler.sample(source.channel(0), 0);
    }
    JsonNode done =
        Cli.report("backup", "copy", "--from", first, "--to", copy, "--parallel", "2")
            .get("lineages")
            .get(0);
    assertThat(done.path("revision").asLong()).isEqualTo(expected.revision());
    JsonNode again = Cli.report("backup", "copy", "--from", first, "--to", copy, "--all");
    assertThat(again.get("lineages").get(0).path("objects").asLong()).isZero();
    assertThat(Cli.run("backup", "verify", "--repository", copy).exitCode()).isZero();
    try (Restored restored =
        Restored.start(release, folder.resolve("restored"), "--repository", copy)) {
      assertThat(SourceSampler.sample(restored.cluster().channel(0), expected.revision()))
          .isEqualTo(expected);
    }
  }

  private static void write(EtcdCluster source, int round) throws Exception {
    for (int i = 0; i < 10; i++) {
      source.etcdctl("put", "key-" + i, "round " + round);
    }
  }

  private static void capture(String endpoint, String repository) throws Exception {
    JsonNode unused =
        Cli.report(
            "backup",
            "run",
            "--until-caught-up",
            "--endpoints",
            endpoint,
            "--repository",
            repository);
  }

  @Test
  void whatIsNoRepositoryOrNoNumberIsToldAndNothingIsMade() throws Exception {
    Path copy = folder.resolve("copy");
    Cli.Outcome none =
        Cli.run(
            "backup", "copy", "--from", folder.resolve("none").toString(), "--to", copy.toString());
    assertThat(none.exitCode()).isEqualTo(ExitCodes.FAILED);
    assertThat(none.err()).contains("there is no backup repository at");
    assertThat(copy).doesNotExist();
    Cli.Outcome many = Cli.run("backup", "copy", "--from", "a", "--to", "b", "--parallel", "99");
    assertThat(many.exitCode()).isEqualTo(2);
    assertThat(many.err()).contains("--parallel 99 is not between 1 and 32");
  }
}
