package io.lodestone.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lodestone.api.LodestoneException;
import io.lodestone.repository.RetentionPolicy.Every;
import io.lodestone.repository.RetentionPolicy.Rule;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Words into promises. */
final class RetentionPolicyTest {
  @Test
  void theWordsOfTheManualAreUnderstood() {
    assertThat(
            RetentionPolicy.parse(
                "keep: any point for 48 h, hourly for 7 d, daily for 30 days, weekly for a year"))
        .isEqualTo(
            new RetentionPolicy(
                Duration.ofDays(2),
                List.of(
                    new Rule(Every.HOURLY, Duration.ofDays(7)),
                    new Rule(Every.DAILY, Duration.ofDays(30)),
                    new Rule(Every.WEEKLY, Duration.ofDays(366)))));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "everything",
        "hourly",
        "hourly for 0 d",
        "hourly for -1 d",
        "hourly for 7",
        "any point for 48 h,",
        "yearly for 7 d"
      })
  void otherWordsAreRefused(String words) {
    assertThatThrownBy(() -> RetentionPolicy.parse(words))
        .isInstanceOf(LodestoneException.class)
        .hasMessageContaining("does not say what to keep");
  }

  @Test
  void pointsLieOnTheCalendarInUtc() {
    Instant wednesday = Instant.parse("2026-03-04T09:30:00Z");
    assertThat(RetentionPolicy.parse("hourly for 2 h").points(wednesday))
        .containsOnlyKeys(
            Instant.parse("2026-03-04T08:00:00Z"), Instant.parse("2026-03-04T09:00:00Z"));
    assertThat(RetentionPolicy.parse("weekly for 2 w, monthly for a month").points(wednesday))
        .containsOnlyKeys(
            Instant.parse("2026-02-23T00:00:00Z"),
            Instant.parse("2026-03-01T00:00:00Z"),
            Instant.parse("2026-03-02T00:00:00Z"));
  }
}
