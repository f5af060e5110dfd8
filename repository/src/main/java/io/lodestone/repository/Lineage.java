package io.lodestone.repository;

import com.google.protobuf.ByteString;
import io.lodestone.repository.format.Sha256;
import java.util.Comparator;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One history of one cluster. A cluster that went back, or carries on another history under its old
 * id, gets the next timeline. Ordered by cluster, then timeline. Immutable.
 *
 * @param clusterId of the keys below a prefix, the number that {@link #history} makes of both
 * @param timeline counted from 1
 */
public record Lineage(long clusterId, int timeline) implements Comparable<Lineage> {
  private static final Pattern NAME = Pattern.compile("([0-9a-f]{16})-([1-9][0-9]{0,8})");

  public Lineage {
    if (timeline < 1) {
      throw new IllegalArgumentException("timeline " + timeline);
    }
  }

  /** Reads what {@link #toString} has written; empty for anything else. */
  public static Optional<Lineage> parse(String name) {
    Matcher match = NAME.matcher(name);
    if (!match.matches()) {
      return Optional.empty();
    }
    return Optional.of(
        new Lineage(Long.parseUnsignedLong(match.group(1), 16), Integer.parseInt(match.group(2))));
  }

  /**
   * The number that a cluster's history has in names: the cluster's id, or for the keys below a
   * prefix the first 64 bits of a hash of both.
   */
  public static long history(long clusterId, Optional<ByteString> prefix) {
    if (prefix.isEmpty()) {
      return clusterId;
    }
    ByteString both =
        ByteString.copyFromUtf8(String.format("%016x/", clusterId)).concat(prefix.get());
    return Long.parseUnsignedLong(Sha256.of(both).hex().substring(0, 16), 16);
  }

  Lineage nextTimeline() {
    return new Lineage(clusterId, timeline + 1);
  }

  @Override
  public int compareTo(Lineage other) {
    return Comparator.comparing(Lineage::clusterId, Long::compareUnsigned)
        .thenComparingInt(Lineage::timeline)
        .compare(this, other);
  }

  /** The name as it stands in object names: {@code <cluster id, 16 hex digits>-<timeline>}. */
  @Override
  public String toString() {
    return String.format("%016x-%d", clusterId, timeline);
  }
}
