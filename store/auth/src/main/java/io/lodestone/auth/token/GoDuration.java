package io.lodestone.auth.token;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Durations as Go writes them, for example {@code 1h30m}, {@code 1.5s}, {@code -100ms}, {@code 0}.
 */
final class GoDuration {
  private static final Pattern WHOLE =
      Pattern.compile("([-+]?)((?:(?:\\d+\\.?\\d*|\\.\\d+)(?:ns|us|µs|μs|ms|s|m|h))+)");
  private static final Pattern PART =
      Pattern.compile("(\\d+\\.?\\d*|\\.\\d+)(ns|us|µs|μs|ms|s|m|h)");
  private static final Map<String, Long> NANOS =
      Map.of(
          "ns", 1L,
          "us", 1_000L,
          "µs", 1_000L,
          "μs", 1_000L,
          "ms", 1_000_000L,
          "s", 1_000_000_000L,
          "m", 60_000_000_000L,
          "h", 3_600_000_000_000L);

  private GoDuration() {}

  /** Empty for what Go does not read, and beyond 292 years. */
  static Optional<Duration> parse(String text) {
    if (text.matches("[-+]?0")) {
      return Optional.of(Duration.ZERO);
    }
    Matcher whole = WHOLE.matcher(text);
    if (!whole.matches()) {
      return Optional.empty();
    }
    BigDecimal nanos = BigDecimal.ZERO;
    for (Matcher part = PART.matcher(whole.group(2)); part.find(); ) {
      String number = part.group(1).endsWith(".") ? part.group(1) + "0" : part.group(1);
      nanos =
          nanos.add(new BigDecimal(number).multiply(BigDecimal.valueOf(NANOS.get(part.group(2)))));
    }
    if (nanos.compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) > 0) {
      return Optional.empty();
    }
    Duration size = Duration.ofNanos(nanos.longValue());
    return Optional.of(whole.group(1).equals("-") ? size.negated() : size);
  }
}
