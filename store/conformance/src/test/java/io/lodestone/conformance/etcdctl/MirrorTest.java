package io.lodestone.conformance.etcdctl;

import static org.assertj.core.api.Assertions.assertThat;

import io.lodestone.conformance.Contestant;
import io.lodestone.conformance.Contestants;
import io.lodestone.peers.ChildProcess;
import io.lodestone.peers.Commands;
import io.lodestone.peers.EtcdRelease;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** etcdctl carries keys from the candidate to the reference, and the other way. */
@Tag("once")
final class MirrorTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"3.4", "3.5"})
  void keysAreMirroredBothWays(String minor) throws Exception {
    EtcdRelease tools = EtcdRelease.of(minor);
    try (Contestant reference = Contestants.REFERENCE.start(folder.resolve("reference"));
        Contestant candidate = Contestants.candidate().start(folder.resolve("candidate"))) {
      mirrors(tools, candidate, reference, "there/");
      mirrors(tools, reference, candidate, "back/");
    }
  }

  /** Keys that were there before the mirror began, that are put while it runs, and deletes. */
  private void mirrors(EtcdRelease tools, Contestant from, Contestant to, String prefix)
      throws Exception {
    for (int i = 0; i < 5; i++) {
      etcdctl(tools, from, "put", prefix + "early" + i, "value " + i);
    }
    List<String> command =
        command(tools, from, "make-mirror", "--prefix", prefix, "--dest-prefix", "copy/" + prefix);
    command.add(to.endpoint());
    try (ChildProcess mirror =
        ChildProcess.start(command, Map.of("ETCDCTL_API", "3"), folder.resolve("mirror.log"))) {
      awaitKeys(tools, to, prefix, 5);
      etcdctl(tools, from, "put", prefix + "late", "value");
      awaitKeys(tools, to, prefix, 6);
      etcdctl(tools, from, "del", prefix + "early", "--prefix");
      awaitKeys(tools, to, prefix, 1);
      assertThat(mirror.isAlive()).isTrue();
    }
    assertThat(etcdctl(tools, to, "get", "copy/" + prefix, "--prefix"))
        .isEqualTo("copy/" + prefix + "late\nvalue\n");
  }

  private static void awaitKeys(EtcdRelease tools, Contestant to, String prefix, int count) {
    Awaitility.await()
        .atMost(PATIENCE)
        .until(
            () ->
                etcdctl(tools, to, "get", "copy/" + prefix, "--prefix", "--keys-only")
                        .lines()
                        .filter(line -> !line.isEmpty())
                        .count()
                    == count);
  }

  private static String etcdctl(EtcdRelease tools, Contestant contestant, String... words)
      throws IOException, InterruptedException {
    return Commands.run(command(tools, contestant, words));
  }

  private static List<String> command(EtcdRelease tools, Contestant contestant, String... words) {
    List<String> command =
        new ArrayList<>(List.of(tools.etcdctl().toString(), "--endpoints", contestant.endpoint()));
    command.addAll(List.of(words));
    return command;
  }
}
