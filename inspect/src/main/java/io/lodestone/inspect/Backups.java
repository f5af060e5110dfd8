package io.lodestone.inspect;

import io.lodestone.repository.Description.LineageDescription;
import io.lodestone.repository.Description.Range;
import io.lodestone.repository.Lineage;
import io.lodestone.repository.Proof;
import io.lodestone.repository.Repository;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** How fresh a cluster's backups are, whether they have gaps, and when they were last proved. */
public final class Backups implements Inspection {
  private final Repository repository;
  private final Lineage lineage;
  private final Duration oldest;
  private final Duration longestUnproved;
  private final Clock clock;

  /**
   * @param repository stays the caller's to close
   * @param oldest how old the newest restorable point may be
   * @param longestUnproved how old the last drill may be
   */
  public Backups(
      Repository repository,
      Lineage lineage,
      Duration oldest,
      Duration longestUnproved,
      Clock clock) {
    this.repository = repository;
    this.lineage = lineage;
    this.oldest = oldest;
    this.longestUnproved = longestUnproved;
    this.clock = clock;
  }

  @Override
  public String name() {
    return "backup";
  }

  @Override
  public List<Observation> look() throws IOException {
    LineageDescription described =
        repository.describe().lineages().stream()
            .filter(one -> one.lineage().equals(lineage))
            .findFirst()
            .orElseThrow();
    List<Observation> seen = new ArrayList<>();
    seen.add(freshness(described.ranges()));
    if (!described.gaps().isEmpty()) {
      seen.add(
          Observation.warning(
              lineage.toString(),
              described.gaps().size()
                  + " gaps: revisions that were compacted before they were captured",
              "keep an agent running, and the source's auto-compaction at some minutes or more"));
    }
    seen.add(
        Observation.fine(
            lineage.toString(),
            described.bases().size() + " bases, " + described.objects() + " objects"));
    seen.add(proof(repository.lastProof(lineage)));
    return seen;
  }

  private Observation freshness(List<Range> ranges) {
    if (ranges.isEmpty()) {
      return Observation.problem(
          lineage.toString(), "nothing can be restored", "let an agent run until a base is taken");
    }
    Range last = ranges.get(ranges.size() - 1);
    String seen = "complete up to revision " + last.lastRevision() + ", as of " + shown(last.to());
    return age(last.to()).compareTo(oldest) <= 0
        ? Observation.fine(lineage.toString(), seen)
        : Observation.problem(
            lineage.toString(),
            seen + ": older than " + oldest.toSeconds() + " s",
            "is an agent running? see its log and its /metrics");
  }

  private Observation proof(Optional<Proof> proof) {
    if (proof.isEmpty()) {
      return Observation.warning(
          lineage.toString(), "was never proved", "run: lodestone restore drill");
    }
    String seen =
        "proved at revision " + proof.get().revision() + ", " + shown(proof.get().provedAt());
    return age(proof.get().provedAt()).compareTo(longestUnproved) <= 0
        ? Observation.fine(lineage.toString(), seen)
        : Observation.warning(
            lineage.toString(), seen + ": long ago", "run: lodestone restore drill");
  }

  private Duration age(Instant then) {
    return Duration.between(then, clock.instant());
  }

  private static String shown(Instant time) {
    return time.truncatedTo(ChronoUnit.SECONDS).toString();
  }
}
