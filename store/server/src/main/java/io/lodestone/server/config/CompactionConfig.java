package io.lodestone.server.config;

import io.lodestone.settings.GoDuration;
import io.lodestone.settings.InvalidConfigException;
import java.time.Duration;
import java.util.Optional;

/**
 * Compaction without being asked. Immutable.
 *
 * @param keep how much history stays; empty where nothing is compacted by itself
 * @param batchRevisions removed at once
 * @param rest between two such batches
 */
public record CompactionConfig(Optional<Keep> keep, int batchRevisions, Duration rest) {
  /** What stays. */
  public sealed interface Keep {}

  /** Everything younger than this. */
  public record Period(Duration length) implements Keep {}

  /** So many revisions below the newest. */
  public record Revisions(long count) implements Keep {}

  static CompactionConfig of(FlagValues values) {
    return new CompactionConfig(
        keep(values.text(Flags.AUTO_COMPACTION_MODE), values.text(Flags.AUTO_COMPACTION_RETENTION)),
        Math.toIntExact(values.number(Flags.COMPACTION_BATCH_LIMIT)),
        values.duration(Flags.COMPACTION_SLEEP_INTERVAL));
  }

  /** A bare number is hours or revisions, by the mode; 0 is off. */
  private static Optional<Keep> keep(String mode, String retention) {
    if (!mode.equals("periodic") && !mode.equals("revision")) {
      throw new InvalidConfigException(
          "unknown auto-compaction-mode \"" + mode + "\"", "use periodic or revision");
    }
    boolean plain = retention.matches("\\d{1,18}");
    if (mode.equals("revision")) {
      if (!plain) {
        throw notRetention(retention, "a number of revisions");
      }
      long revisions = Long.parseLong(retention);
      return revisions == 0 ? Optional.empty() : Optional.of(new Revisions(revisions));
    }
    Duration period =
        GoDuration.parse(plain ? retention + "h" : retention)
            .filter(duration -> !duration.isNegative())
            .orElseThrow(() -> notRetention(retention, "a duration, such as 30m or 8h"));
    return period.isZero() ? Optional.empty() : Optional.of(new Period(period));
  }

  private static InvalidConfigException notRetention(String text, String wanted) {
    return new InvalidConfigException(
        "error parsing CompactionRetention: invalid duration \"" + text + "\"",
        "--auto-compaction-retention takes " + wanted);
  }
}
