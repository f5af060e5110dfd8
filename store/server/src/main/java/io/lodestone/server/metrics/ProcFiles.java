package io.lodestone.server.metrics;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** What Linux tells in /proc of this process; NaN on other systems. Stateless. */
final class ProcFiles {
  private static final Path STATM = Path.of("/proc/self/statm");
  private static final Path LIMITS = Path.of("/proc/self/limits");
  private static final Path NETSTAT = Path.of("/proc/self/net/netstat");
  private static final String ADDRESS_LIMIT = "Max address space";
  private static final String IP_COUNTS = "IpExt:";
  private static final double UNLIMITED = 0x1p64;
  private static final int PAGE_BYTES = 4096;

  private ProcFiles() {}

  /** A field of {@code statm}, in bytes. */
  static double memoryBytes(int field) {
    return read(STATM).stream()
        .findFirst()
        .map(line -> PAGE_BYTES * Double.parseDouble(words(line).get(field)))
        .orElse(Double.NaN);
  }

  /** The soft limit of the address space in bytes; 2^64 for none, as Prometheus tells it. */
  static double addressLimitBytes() {
    return read(LIMITS).stream()
        .filter(line -> line.startsWith(ADDRESS_LIMIT))
        .findFirst()
        .map(line -> words(line.substring(ADDRESS_LIMIT.length()).strip()).get(0))
        .map(limit -> limit.equals("unlimited") ? UNLIMITED : Double.parseDouble(limit))
        .orElse(Double.NaN);
  }

  /** A counter of IP in this process's network namespace. */
  static double network(String counter) {
    List<String> lines = read(NETSTAT).stream().filter(line -> line.startsWith(IP_COUNTS)).toList();
    if (lines.size() < 2) {
      return Double.NaN;
    }
    int at = words(lines.get(0)).indexOf(counter);
    return at < 0 ? Double.NaN : Double.parseDouble(words(lines.get(1)).get(at));
  }

  private static List<String> words(String line) {
    return Arrays.asList(line.split("\\s+", -1));
  }

  private static List<String> read(Path file) {
    try {
      return Files.exists(file) ? Files.readAllLines(file) : List.of();
    } catch (IOException e) {
      return List.of();
    }
  }
}
