package io.lodestone.conformance.etcdctl;

import static org.assertj.core.api.Assertions.assertThat;

import io.lodestone.conformance.Contestant;
import io.lodestone.conformance.Contestants;
import io.lodestone.peers.EtcdRelease;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * etcdctl's own small load test, which always lasts a minute, runs to its end. Its verdict on how
 * long the slowest request took is as much about this machine as about the server, so either will
 * do.
 */
@Tag("once")
final class CheckPerfTest {
  private static final Pattern SHAPE =
      Pattern.compile(
          "(PASS|FAIL): Throughput.*lowest request took .*Stddev .*(PASS|FAIL)\\s*$",
          Pattern.DOTALL);

  @TempDir Path folder;

  @Test
  void theSmallestLoadRunsToItsEndOnTheCandidate() throws Exception {
    Path tools = Files.createDirectories(folder.resolve("tools"));
    try (Contestant candidate = Contestants.candidate().start(folder.resolve("candidate"))) {
      Outcome outcome =
          new Shell(EtcdRelease.of("3.5"), candidate, tools)
              .start(Step.etcdctl("check perf --load=s"))
              .finish();
      assertThat(outcome.output()).containsPattern(SHAPE);
      assertThat(outcome.exitCode()).isEqualTo(outcome.output().contains("FAIL") ? 1 : 0);
    }
  }
}
