package io.lodestone.migrate;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.base.Splitter;
import io.lodestone.migrate.journal.Phase;
import io.lodestone.peers.ChildProcess;
import io.lodestone.peers.JavaProgram;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * A migration as a process of its own that dies without a word, as by SIGKILL, when the phase named
 * by its last argument begins; with NEVER it runs to its end.
 */
final class HaltingMigration {
  static final int HALTED = 137;
  static final String NEVER = "NEVER";
  private static final int PATIENCE_SECONDS = 90;

  private HaltingMigration() {}

  /**
   * One that writes the destination's data where its plan says; {@code folder} takes its output.
   */
  static ChildProcess seeding(Move move, Path folder, String phase) throws IOException {
    String peerUrls =
        move.plan().peerUrls().entrySet().stream()
            .map(member -> member.getKey() + "=" + member.getValue())
            .collect(Collectors.joining(","));
    return start(move, peerUrls, move.plan().dataDir("m1").getParent(), folder, phase);
  }

  /** The same, and when this returns, it has died at the beginning of {@code phase}. */
  static void runUntil(Move move, Path folder, Phase phase) throws Exception {
    try (ChildProcess process = seeding(move, folder, phase.name())) {
      assertThat(process.waitFor(PATIENCE_SECONDS))
          .as(() -> phase + ": " + output(process))
          .isEqualTo(HALTED);
    }
  }

  static String output(ChildProcess process) {
    try {
      return process.output();
    } catch (IOException e) {
      return e.toString();
    }
  }

  /** Starts one; {@code peerUrls} as below, {@code folder} takes its output. */
  static ChildProcess start(Move move, String peerUrls, Path dataDirs, Path folder, String phase)
      throws IOException {
    return ChildProcess.start(
        JavaProgram.command(
            HaltingMigration.class,
            List.of("-Xmx128m"),
            String.join(",", move.source.endpoints()),
            String.join(",", move.plan().endpoints()),
            peerUrls,
            move.directory.toString(),
            dataDirs.toString(),
            Boolean.toString(move.isSeededLate()),
            phase),
        Map.of(),
        folder.resolve("migration.log"));
  }

  /**
   * Source and destination endpoints, peer URLs as name=url or nothing for a destination that runs,
   * directories, whether it is seeded late, the phase.
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
            Boolean.parseBoolean(arguments[5]),
            true);
    new Migration(options, new Halting(arguments[6])).run();
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
