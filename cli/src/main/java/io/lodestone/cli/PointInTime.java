package io.lodestone.cli;

import io.lodestone.api.LodestoneException;
import io.lodestone.repository.RepositorySource;
import java.io.IOException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;

/** How people write a point in a history: a revision's number, or a time with its zone. */
final class PointInTime {
  private PointInTime() {}

  /** A time such as {@code 2026-11-01T13:00:00+01:00}; anything else is refused with a hint. */
  static Instant instant(String text) {
    try {
      return OffsetDateTime.parse(text).toInstant();
    } catch (DateTimeParseException e) {
      throw new LodestoneException(
          "'" + text + "' is not a time",
          "write it with its zone: 2026-11-01T12:00:00Z or 2026-11-01T13:00:00+01:00",
          e);
    }
  }

  /** The history cut at a revision or a time. */
  static RepositorySource cut(RepositorySource history, String point) throws IOException {
    return point.matches("[0-9]{1,18}")
        ? history.at(Long.parseLong(point))
        : history.at(instant(point));
  }
}
