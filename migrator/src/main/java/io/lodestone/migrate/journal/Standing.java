package io.lodestone.migrate.journal;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What the entries of a journal add up to. Immutable.
 *
 * @param phase the last one that was entered
 * @param forging the cluster whose history this migration may have begun to make
 * @param late whether the destination is seeded behind the fence
 * @param seeded the revision of the seed, once it is whole
 * @param fenced whether the source is, or may be, fenced by this migration
 * @param opened whether clients may have written to the destination
 * @param finalRevision the source's last revision, where it was fenced
 */
public record Standing(
    Optional<String> source,
    Optional<Phase> phase,
    Optional<String> forging,
    boolean late,
    OptionalLong seeded,
    boolean fenced,
    boolean opened,
    OptionalLong finalRevision,
    Optional<Outcome> outcome) {

  /** What {@code entries} of one journal add up to. */
  public static Standing of(List<JournalEntry> entries) {
    Standing standing =
        new Standing(
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            false,
            OptionalLong.empty(),
            false,
            false,
            OptionalLong.empty(),
            Optional.empty());
    for (JournalEntry entry : entries) {
      standing = standing.after(entry);
    }
    return standing;
  }

  private Standing after(JournalEntry entry) {
    return switch (entry.event()) {
      case BEGUN -> with(Optional.of(entry.facts().get("source")));
      case ENTERED -> entered(Phase.valueOf(entry.facts().get("phase")));
      case FORGING -> forging(entry.facts().get("destination"));
      case SEEDING_LATE ->
          new Standing(
              source, phase, forging, true, seeded, fenced, opened, finalRevision, outcome);
      case SEEDED ->
          new Standing(
              source,
              phase,
              forging,
              late,
              revision(entry),
              fenced,
              opened,
              finalRevision,
              outcome);
      case FENCING -> fenced(true, OptionalLong.empty());
      case FENCED -> fenced(true, revision(entry));
      case UNFENCED -> fenced(false, finalRevision);
      case OPENED ->
          new Standing(source, phase, forging, late, seeded, fenced, true, finalRevision, outcome);
      case ENDED -> ended(Outcome.valueOf(entry.facts().get("outcome")));
      case REHEARSED, PROVED, FAILED -> this;
    };
  }

  private static OptionalLong revision(JournalEntry entry) {
    return OptionalLong.of(Long.parseLong(entry.facts().get("revision")));
  }

  private Standing with(Optional<String> sourceId) {
    return new Standing(
        sourceId, phase, forging, late, seeded, fenced, opened, finalRevision, outcome);
  }

  private Standing forging(String destination) {
    return new Standing(
        source,
        phase,
        Optional.of(destination),
        late,
        seeded,
        fenced,
        opened,
        finalRevision,
        outcome);
  }

  /** Whoever enters the seed begins it anew; whoever enters the cutover may have opened. */
  private Standing entered(Phase next) {
    OptionalLong seed = next.compareTo(Phase.SEED) <= 0 ? OptionalLong.empty() : seeded;
    boolean mayBeOpen = opened || next == Phase.CUTOVER;
    return new Standing(
        source, Optional.of(next), forging, late, seed, fenced, mayBeOpen, finalRevision, outcome);
  }

  private Standing fenced(boolean now, OptionalLong last) {
    return new Standing(source, phase, forging, late, seeded, now, opened, last, outcome);
  }

  private Standing ended(Outcome how) {
    return new Standing(
        source, phase, forging, late, seeded, fenced, opened, finalRevision, Optional.of(how));
  }
}
