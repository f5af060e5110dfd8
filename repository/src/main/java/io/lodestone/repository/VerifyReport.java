package io.lodestone.repository;

import java.util.List;

/**
 * What a verification found. Immutable.
 *
 * @param problems each names an object and, where one can be given, an offset; empty means intact
 * @param orphans parts that no entry names, and objects in the log that are no entries: harmless
 *     leftovers of writers that died, and of some stores
 * @param sourceHashes lineages in which the newest state that the source has hashed itself has that
 *     hash here too
 */
public record VerifyReport(
    List<Problem> problems,
    long objects,
    long bytes,
    long records,
    long orphans,
    long sourceHashes) {
  public VerifyReport {
    problems = List.copyOf(problems);
  }

  /** Something that is not as it was written. */
  public record Problem(String object, String message) {}

  public boolean isIntact() {
    return problems.isEmpty();
  }

  /** Told after each object: how many have been read, and how many bytes. Must not block long. */
  @FunctionalInterface
  public interface Progress {
    Progress NONE = (objects, bytes) -> {};

    void read(long objects, long bytes);
  }
}
