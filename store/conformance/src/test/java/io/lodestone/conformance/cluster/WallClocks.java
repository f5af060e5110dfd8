package io.lodestone.conformance.cluster;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;

/**
 * Wall clocks that are wrong, each member's by as much as a file says: libfaketime (Debian's
 * package of that name) puts itself between the process and the clock. Time that only goes on, by
 * which processes wait, stays as it is, as it does where somebody sets a machine's clock.
 */
record WallClocks(Path library, Path folder) {
  WallClocks {
    if (!Files.isReadable(library)) {
      throw new IllegalArgumentException(
          "no libfaketimeMT.so.1 at " + library + ": install Debian's package libfaketime");
    }
  }

  private Path file(int index) {
    return folder.resolve("m" + index + ".clock");
  }

  /** For the process whose clock it is; right until it is set. */
  Map<String, String> environment(int index) throws IOException {
    if (!Files.exists(file(index))) {
      set(index, Duration.ZERO);
    }
    return Map.of(
        "LD_PRELOAD", library.toString(),
        "FAKETIME_TIMESTAMP_FILE", file(index).toString(),
        "FAKETIME_CACHE_DURATION", "1",
        "FAKETIME_DONT_FAKE_MONOTONIC", "1",
        "FAKETIME_FORCE_MONOTONIC_FIX", "0");
  }

  /** From now on the clock is {@code wrong}; below zero, behind. */
  void set(int index, Duration wrong) throws IOException {
    Path next = Files.writeString(folder.resolve("next.clock"), sign(wrong));
    Files.move(next, file(index), StandardCopyOption.ATOMIC_MOVE);
  }

  /** Fails where clocks would stay right whatever the files say. */
  void requireWrong(int index) throws IOException, InterruptedException {
    set(index, Duration.ofDays(1));
    ProcessBuilder asked = new ProcessBuilder("date", "+%s");
    asked.environment().putAll(environment(index));
    Process date = asked.start();
    String told = new String(date.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    long wrong = Long.parseLong(told.strip()) - Instant.now().getEpochSecond();
    if (date.waitFor() != 0 || wrong < Duration.ofHours(23).toSeconds()) {
      throw new IOException(library + " does not change the clock of a process");
    }
  }

  private static String sign(Duration wrong) {
    return (wrong.isNegative() ? "-" : "+") + wrong.abs().toSeconds();
  }
}
