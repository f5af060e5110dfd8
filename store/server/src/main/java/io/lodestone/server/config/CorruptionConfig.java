package io.lodestone.server.config;

import java.time.Duration;
import java.util.Optional;

/**
 * When the members of a cluster are compared with each other. Immutable.
 *
 * @param atStart this member with the others, before it takes part
 * @param each how often the leader compares all members; empty for never
 * @param eachCompaction how often the leader compares what they had when compacted; empty for never
 */
public record CorruptionConfig(
    boolean atStart, Optional<Duration> each, Optional<Duration> eachCompaction) {
  static CorruptionConfig of(FlagValues values) {
    boolean compactions = values.on(Flags.COMPACT_HASH_CHECK_ENABLED);
    return new CorruptionConfig(
        values.on(Flags.INITIAL_CORRUPT_CHECK),
        interval(values, Flags.CORRUPT_CHECK_TIME),
        interval(values, Flags.COMPACT_HASH_CHECK_TIME).filter(time -> compactions));
  }

  private static Optional<Duration> interval(FlagValues values, Flag flag) {
    return Optional.of(values.duration(flag)).filter(time -> !time.isZero());
  }
}
