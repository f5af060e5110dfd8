package io.lodestone.backup.config;

import io.lodestone.api.LodestoneException;
import io.lodestone.backup.config.Schedule.Missed;
import io.lodestone.settings.GoDuration;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.text.ParseException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Date;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.quartz.CronExpression;

/** Reads single values; what is wrong with one becomes a LodestoneException with a hint. */
final class Values {
  private static final Pattern SIZE = Pattern.compile("([1-9][0-9]{0,8}) ?(B|KiB|MiB|GiB)");
  private static final Map<String, Integer> SHIFT = Map.of("B", 0, "KiB", 10, "MiB", 20, "GiB", 30);
  private static final Pattern ADDRESS = Pattern.compile("(.*):([0-9]{1,5})");
  private static final int HIGHEST_PORT = 65_535;

  private Values() {}

  static Duration duration(String text) {
    return GoDuration.parse(text)
        .filter(duration -> duration.toMillis() > 0)
        .orElseThrow(
            () ->
                new LodestoneException(
                    "'" + text + "' is not a time above zero", "write 500ms, 1s, 5m or 1h"));
  }

  static long size(String text) {
    Matcher match = SIZE.matcher(text);
    if (!match.matches()) {
      throw new LodestoneException("'" + text + "' is not a size", "write for example 8 MiB");
    }
    return Long.parseLong(match.group(1)) << SHIFT.get(match.group(2));
  }

  /** A whole number between {@code least} and {@code most}. */
  static int number(String text, int least, int most) {
    boolean number = text.matches("[0-9]{1,9}");
    if (!number || Integer.parseInt(text) < least || Integer.parseInt(text) > most) {
      throw new LodestoneException(
          "'" + text + "' is no number between " + least + " and " + most, "write one");
    }
    return Integer.parseInt(text);
  }

  static boolean flag(String text) {
    return switch (text) {
      case "true" -> true;
      case "false" -> false;
      default ->
          throw new LodestoneException("'" + text + "' is no yes or no", "write true or false");
    };
  }

  static Path path(String text) {
    if (text.isBlank() || text.indexOf('\0') >= 0) {
      throw new LodestoneException("'" + text + "' is not a path", "name a file or a directory");
    }
    return Path.of(text);
  }

  /** {@code host:port}; an empty host stands for all addresses. */
  static InetSocketAddress address(String text) {
    Matcher match = ADDRESS.matcher(text);
    if (!match.matches() || Integer.parseInt(match.group(2)) > HIGHEST_PORT) {
      throw new LodestoneException(
          "'" + text + "' is not an address to listen on", "write host:port, as 127.0.0.1:9379");
    }
    int port = Integer.parseInt(match.group(2));
    return match.group(1).isEmpty()
        ? new InetSocketAddress(port)
        : new InetSocketAddress(match.group(1).replaceAll("^\\[|]$", ""), port);
  }

  static ZoneId zone(String text) {
    try {
      return ZoneId.of(text);
    } catch (DateTimeException e) {
      throw new LodestoneException(
          "'" + text + "' is not a time zone", "write for example UTC or Europe/Berlin", e);
    }
  }

  static Missed missed(String text) {
    return switch (text) {
      case "run" -> Missed.RUN;
      case "skip" -> Missed.SKIP;
      default ->
          throw new LodestoneException(
              "'" + text + "' does not say what to do when a time was missed", "write run or skip");
    };
  }

  static String cron(String text) {
    try {
      if (new CronExpression(text).getNextValidTimeAfter(Date.from(Instant.now())) == null) {
        throw new LodestoneException(
            "'" + text + "' is not a schedule: its time has passed", "leave the year away");
      }
      return text;
    } catch (ParseException e) {
      throw new LodestoneException(
          "'" + text + "' is not a schedule: " + e.getMessage().toLowerCase(Locale.ROOT),
          "write seconds, minutes, hours, day of month, month, day of week, one of the two days"
              + " as ?: '0 30 3 * * ?' is 03:30 every day",
          e);
    }
  }
}
