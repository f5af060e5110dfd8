package io.lodestone.repository;

import java.time.Duration;
import java.util.List;

/**
 * How the log is compacted with age: entries that began within one window are merged into one of
 * that level, once the window has been over for as long as it lasted. Immutable.
 *
 * @param windows ascending, each a multiple of the one before, counted from the epoch
 * @param groupBytes stored bytes at which a merged entry is ended early
 */
public record Levels(List<Duration> windows, long groupBytes) {
  /** From entries of a second to 30 s, 5 min and 1 h, at most 1 GiB each. */
  public static final Levels DEFAULT =
      new Levels(
          List.of(Duration.ofSeconds(30), Duration.ofMinutes(5), Duration.ofHours(1)), 1L << 30);

  public Levels {
    windows = List.copyOf(windows);
    Duration before = Duration.ofMillis(1);
    for (Duration window : windows) {
      if (window.toMillis() <= 0 || window.toMillis() % before.toMillis() != 0) {
        throw new IllegalArgumentException(window + " is no multiple of " + before);
      }
      before = window;
    }
    if (groupBytes < 1) {
      throw new IllegalArgumentException("groups of " + groupBytes + " bytes");
    }
  }
}
