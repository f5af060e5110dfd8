package io.lodestone.bench;

import io.lodestone.peers.ChildProcess;
import io.lodestone.peers.Commands;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * One command as a whole process: how long it took and how much memory it had resident at most (of
 * the first process of a pipeline). Immutable.
 *
 * @param peakBytes the kernel's high-water mark (VmHWM), sampled every few milliseconds; 0 for a
 *     process too quick to be seen
 */
record Run(Duration elapsed, long peakBytes) {
  private static final Duration LIMIT = Duration.ofMinutes(15);

  /**
   * Runs {@code command} to its end, on a disk that has nothing left to write; an {@link
   * IOException} with its output where it fails.
   */
  static Run of(Path folder, String... command) throws IOException, InterruptedException {
    Commands.run(List.of("sync"));
    Path output = Files.createTempFile(folder, "run", ".log");
    long start = System.nanoTime();
    long peak = 0;
    try (ChildProcess process =
        ChildProcess.start(List.of(command), Map.of("ETCDCTL_API", "3"), output)) {
      while (process.isAlive() && System.nanoTime() - start < LIMIT.toNanos()) {
        peak = Math.max(peak, highWaterMark(process.pid()));
        TimeUnit.MILLISECONDS.sleep(5);
      }
      Duration elapsed = Duration.ofNanos(System.nanoTime() - start);
      if (process.waitFor(1) != 0) {
        throw new IOException(String.join(" ", command) + " failed:\n" + process.output());
      }
      return new Run(elapsed, peak);
    }
  }

  static long highWaterMark(long pid) {
    try {
      return Files.readAllLines(Path.of("/proc", Long.toString(pid), "status")).stream()
          .filter(line -> line.startsWith("VmHWM:"))
          .mapToLong(line -> 1024 * Long.parseLong(line.replaceAll("[^0-9]", "")))
          .findFirst()
          .orElse(0);
    } catch (IOException e) {
      // The process has ended between two looks.
      return 0;
    }
  }

  double seconds() {
    return elapsed.toNanos() / 1e9;
  }
}
