package io.lodestone.migrate;

import io.lodestone.migrate.journal.JournalEntry;
import io.lodestone.migrate.journal.JournalEntry.Event;
import io.lodestone.migrate.journal.Phase;
import io.lodestone.migrate.journal.Standing;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What a journal tells about a migration. Immutable.
 *
 * @param phases each time a phase was entered, in order
 * @param writersWaitedMillis from just before the fence to the open destination; where the last
 *     attempt got that far
 * @param rehearsedMillis how long the proof took before the fence; where it was rehearsed
 * @param proof what proved equality: {@code HASH_KV} or {@code DIGEST}
 * @param lastFailure of the newest run, where it failed
 */
public record MigrationReport(
    Standing standing,
    List<PhaseTime> phases,
    OptionalLong writersWaitedMillis,
    OptionalLong rehearsedMillis,
    Optional<String> proof,
    Optional<String> lastFailure) {

  public MigrationReport {
    phases = List.copyOf(phases);
  }

  /** A phase, when it began and how long it took; the last one lasts until the last entry. */
  public record PhaseTime(Phase phase, Instant begun, long millis) {}

  public static MigrationReport of(List<JournalEntry> entries) {
    return new MigrationReport(
        Standing.of(entries),
        phases(entries),
        waited(entries),
        rehearsed(entries),
        last(entries, Event.PROVED).map(entry -> entry.facts().get("proof")),
        lastFailure(entries));
  }

  private static List<PhaseTime> phases(List<JournalEntry> entries) {
    List<PhaseTime> phases = new ArrayList<>();
    Optional<JournalEntry> open = Optional.empty();
    for (JournalEntry entry : entries) {
      if (entry.event() == Event.ENTERED || entry.event() == Event.FAILED) {
        open.ifPresent(begun -> phases.add(time(begun, entry)));
        open = Optional.of(entry).filter(next -> next.event() == Event.ENTERED);
      }
    }
    open.ifPresent(begun -> phases.add(time(begun, entries.get(entries.size() - 1))));
    return phases;
  }

  private static PhaseTime time(JournalEntry begun, JournalEntry next) {
    return new PhaseTime(
        Phase.valueOf(begun.facts().get("phase")),
        begun.at(),
        Duration.between(begun.at(), next.at()).toMillis());
  }

  private static OptionalLong waited(List<JournalEntry> entries) {
    Optional<JournalEntry> fenced = last(entries, Event.FENCING);
    Optional<JournalEntry> opened = last(entries, Event.OPENED);
    return fenced.isPresent() && opened.isPresent()
        ? OptionalLong.of(Duration.between(fenced.get().at(), opened.get().at()).toMillis())
        : OptionalLong.empty();
  }

  private static OptionalLong rehearsed(List<JournalEntry> entries) {
    return last(entries, Event.REHEARSED)
        .map(entry -> OptionalLong.of(Long.parseLong(entry.facts().get("millis"))))
        .orElseGet(OptionalLong::empty);
  }

  private static Optional<JournalEntry> last(List<JournalEntry> entries, Event event) {
    return entries.stream().filter(entry -> entry.event() == event).reduce((a, b) -> b);
  }

  private static Optional<String> lastFailure(List<JournalEntry> entries) {
    return entries.isEmpty()
        ? Optional.empty()
        : Optional.of(entries.get(entries.size() - 1))
            .filter(entry -> entry.event() == Event.FAILED)
            .map(entry -> entry.facts().get("message"));
  }
}
