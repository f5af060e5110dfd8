package io.lodestone.migrate;

import com.google.common.base.Splitter;
import io.lodestone.migrate.journal.Phase;
import io.lodestone.peers.ChildProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A migration as a process of its own that dies without a word, as by SIGKILL, when the phase named
 * by its last argument begins; with NEVER it runs to its end.
 */
final class HaltingMigration {
  static final int HALTED = 137;

  private HaltingMigration() {}

  /** Starts one; {@code peerUrls} as below, {@code folder} takes its output. */
  static ChildProcess start(Move move, String peerUrls, Path dataDirs, Path folder, String phase)
      throws IOException {
    return ChildProcess.start(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx128m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            HaltingMigration.class.getName(),
            String.join(",", move.source.endpoints()),
            String.join(",", move.plan().endpoints()),
            peerUrls,
            move.directory.toString(),
            dataDirs.toString(),
            phase),
        Map.of(),
        folder.resolve("migration.log"));
  }

  /**
   * Source and destination endpoints, peer URLs as name=url or nothing for a destination that runs,
   * directories, the phase.
   */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    Map<String, String> peerUrls = new TreeMap<>();
    for (String entry : Splitter.on(',').omitEmptyStrings().split(arguments[2])) {
      peerUrls.put(entry.substring(0, entry.indexOf('=')), entry.substring(entry.indexOf('=') + 1));
    }
    MigrationOptions options =
        Move.options(
            List.of(arguments[0].split(",", -1)),
            List.of(arguments[1].split(",", -1)),
            Path.of(arguments[3]),
            peerUrls.isEmpty()
                ? Optional.empty()
                : Optional.of(Move.seed(peerUrls, Path.of(arguments[4]))),
            true);
    new Migration(options, new Halting(arguments[5])).run();
    System.exit(0);
  }

  private record Halting(String phase) implements MigrationListener {
    @Override
    public void entered(Phase next) {
      if (next.name().equals(phase)) {
        Runtime.getRuntime().halt(HALTED);
      }
    }

    @Override
    public void progress(MigrationStatus status) {}
  }
}
