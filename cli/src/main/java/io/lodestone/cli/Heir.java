package io.lodestone.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.lodestone.api.LodestoneException;
import io.lodestone.peers.ChildProcess;
import io.lodestone.peers.FreePorts;
import io.lodestone.peers.Workload;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * An act of {@link Demo}: a replica that follows a store of ours under writes, is proved to be its
 * equal, and takes its place when it is gone.
 */
final class Heir {
  private static final Duration UNDER_WRITES = Duration.ofSeconds(2);
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final DemoStage stage;
  private final Path copy;
  private final Path heir;
  private final Path source;
  private final String replica = "127.0.0.1:" + FreePorts.take();

  /** What the source was at its last revision. */
  private record Last(String endpoint, long revision, KeyspaceState state) {}

  Heir(DemoStage stage) throws IOException {
    this.stage = stage;
    Path folder = stage.folder("heir");
    this.source = folder.resolve("store");
    this.copy = folder.resolve("replica");
    this.heir = folder.resolve("promoted");
  }

  /** Whether the hashes agree; a row of the report. */
  boolean play(Report report) throws IOException, InterruptedException {
    stage.say("\nA live copy of a store under writes");
    Last last = follow();
    stage.say("\nThe store is gone; its replica takes its place");
    stage.run(
        Map.of(),
        List.of(
            "replica",
            "promote",
            "--data-dir",
            copy.toString(),
            "--store-dir",
            heir.toString(),
            "--bump-revision",
            "0",
            "--endpoints",
            last.endpoint(),
            "--command-timeout",
            "1"));
    try (ServedStore promoted = ServedStore.start(heir)) {
      return compare(last, KeyspaceState.of(promoted.channel(), last.revision()), report);
    }
  }

  private Last follow() throws IOException, InterruptedException {
    try (ServedStore store = ServedStore.start(source);
        ChildProcess following =
            stage.start(
                Map.of(),
                List.of(
                    "replica",
                    "--endpoints",
                    store.endpoint(),
                    "--data-dir",
                    copy.toString(),
                    "--listen-client-urls",
                    "http://" + replica))) {
      awaitStart(store, following);
      try (Workload writers =
          Workload.start(2, 2, false, List.of(store.channel(), store.channel()))) {
        TimeUnit.MILLISECONDS.sleep(UNDER_WRITES.toMillis());
        stage.say("  " + writers.writes() + " writes so far");
      }
      JsonNode proof = stage.run(Map.of(), beside(store, "verify"));
      long revision = proof.path("revision").asLong();
      stage.say("  both are equal at revision " + revision);
      return new Last(store.endpoint(), revision, KeyspaceState.of(store.channel(), revision));
    }
  }

  private void awaitStart(ServedStore store, ChildProcess following)
      throws IOException, InterruptedException {
    long giveUpAt = System.nanoTime() + PATIENCE.toNanos();
    while (!stage.succeeds(beside(store, "status"))) {
      if (!following.isAlive() || System.nanoTime() - giveUpAt > 0) {
        throw new LodestoneException(
            "the replica does not start:\n" + following.output(),
            "the demo ends here; the message above is the replica's");
      }
    }
  }

  private List<String> beside(ServedStore store, String command) {
    return List.of("replica", command, "--replica", replica, "--endpoints", store.endpoint());
  }

  private boolean compare(Last last, KeyspaceState after, Report report) {
    boolean equal = after.equals(last.state());
    stage.say(
        "  %d keys at revision %d; HashKV was %s and is %s"
            .formatted(after.keys(), last.revision(), last.state().hashText(), after.hashText()));
    report.row(
        "heir",
        "revision",
        last.revision(),
        "keys",
        after.keys(),
        "hashKvBefore",
        last.state().hashText(),
        "hashKvAfter",
        after.hashText(),
        "equal",
        equal);
    return equal;
  }
}
