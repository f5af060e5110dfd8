package io.lodestone.repository;

import io.lodestone.api.LodestoneException;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.time.temporal.TemporalAdjusters;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a backup promises to keep, in the user's words: {@code any point for 48 h, hourly for 7 d,
 * daily for 30 d, weekly for a year}. "Hourly" promises the state at every full hour, "daily" at
 * every midnight, "weekly" at the midnight before every Monday, "monthly" before every first of a
 * month, all in UTC. A month counts 31 days and a year 366. Immutable.
 *
 * @param anyPoint how far back every captured revision and time is kept; zero for the newest only
 */
public record RetentionPolicy(Duration anyPoint, List<Rule> rules) {
  private static final Pattern CLAUSE =
      Pattern.compile(
          "(any point|hourly|daily|weekly|monthly) for (an? ?|one |[0-9]{1,5} ?)"
              + "(h|hours?|d|days?|w|weeks?|months?|y|years?)");

  public RetentionPolicy {
    if (anyPoint.isNegative()) {
      throw new IllegalArgumentException("any point for " + anyPoint);
    }
    rules = List.copyOf(rules);
  }

  /** Keeps the point at the end of each period, for so long. */
  public record Rule(Every every, Duration keptFor) {}

  /** A period of the calendar, in UTC. */
  public enum Every {
    HOURLY,
    DAILY,
    WEEKLY,
    MONTHLY;

    /** The newest turn of this period at or before {@code time}. */
    Instant turnBefore(Instant time) {
      ZonedDateTime day = time.atZone(ZoneOffset.UTC).truncatedTo(ChronoUnit.DAYS);
      return switch (this) {
        case HOURLY -> time.truncatedTo(ChronoUnit.HOURS);
        case DAILY -> day.toInstant();
        case WEEKLY -> day.with(TemporalAdjusters.previousOrSame(DayOfWeek.MONDAY)).toInstant();
        case MONTHLY -> day.withDayOfMonth(1).toInstant();
      };
    }
  }

  /** Reads such words; {@code keep:} may stand before them. Anything else is refused. */
  public static RetentionPolicy parse(String words) {
    Duration anyPoint = Duration.ZERO;
    List<Rule> rules = new ArrayList<>();
    String clauses = words.toLowerCase(Locale.ROOT).strip().replaceFirst("^keep\\s*:", "");
    for (String clause : clauses.split(",", -1)) {
      Matcher match = CLAUSE.matcher(clause.strip().replaceAll("\\s+", " "));
      if (!match.matches()) {
        throw unreadable(clause);
      }
      Duration time = time(match.group(2).strip(), match.group(3).charAt(0), match.group(3));
      if (time.isZero()) {
        throw unreadable(clause);
      }
      if (match.group(1).equals("any point")) {
        anyPoint = time;
      } else {
        rules.add(new Rule(Every.valueOf(match.group(1).toUpperCase(Locale.ROOT)), time));
      }
    }
    return new RetentionPolicy(anyPoint, rules);
  }

  private static Duration time(String count, char unit, String word) {
    long number = Character.isDigit(count.charAt(0)) ? Long.parseLong(count) : 1;
    return switch (unit) {
      case 'h' -> Duration.ofHours(number);
      case 'd' -> Duration.ofDays(number);
      case 'w' -> Duration.ofDays(7 * number);
      case 'm' -> Duration.ofDays(31 * number);
      case 'y' -> Duration.ofDays(366 * number);
      default -> throw new IllegalArgumentException(word);
    };
  }

  private static LodestoneException unreadable(String clause) {
    return new LodestoneException(
        "'" + clause.strip() + "' does not say what to keep",
        "write for example: any point for 48 h, hourly for 7 d, daily for 30 d, weekly for a year");
  }

  /**
   * Every promised moment, ascending, with the period that promises it; counted from {@code now}.
   */
  NavigableMap<Instant, Every> points(Instant now) {
    NavigableMap<Instant, Every> points = new TreeMap<>();
    for (Rule rule : rules) {
      Instant oldest = now.minus(rule.keptFor());
      Instant point = rule.every().turnBefore(now);
      while (!point.isBefore(oldest)) {
        points.merge(point, rule.every(), (one, other) -> Collections.max(List.of(one, other)));
        point = rule.every().turnBefore(point.minusNanos(1));
      }
    }
    return points;
  }
}
