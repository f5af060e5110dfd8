package io.lodestone.migrate.journal;

import java.time.Instant;
import java.util.Map;

/**
 * Something that happened. Immutable.
 *
 * @param facts what is to be remembered of it, by name
 */
public record JournalEntry(Instant at, Event event, Map<String, String> facts) {
  public JournalEntry {
    facts = Map.copyOf(facts);
  }

  /** What can happen. */
  public enum Event {
    /** The migration was begun: {@code version}, {@code source} (a cluster id in hex). */
    BEGUN,
    /** A phase begins: {@code phase}. */
    ENTERED,
    /** The running destination {@code destination} (a cluster id in hex) is about to be written. */
    FORGING,
    /**
     * The destination is seeded behind the fence; where the source turned out too fast for another
     * way, with {@code writtenPerSecond} and {@code replayedPerSecond}.
     */
    SEEDING_LATE,
    /** The destination's data was written: {@code revision}, {@code largestRow} (bytes). */
    SEEDED,
    /**
     * Both sides were compared while writers wrote, and are equal: {@code proof}, {@code millis}.
     */
    REHEARSED,
    /** The source is about to be fenced. */
    FENCING,
    /** The source was fenced, and its last revision is {@code revision}. */
    FENCED,
    /** The fence was taken away. */
    UNFENCED,
    /** Both sides were compared and are equal: {@code proof}, {@code compactRevision}. */
    PROVED,
    /** The hook of the cutover has run: clients write to the destination. */
    OPENED,
    /** A run ended with a failure, and can be repeated: {@code message}. */
    FAILED,
    /** The migration is over: {@code outcome}. */
    ENDED
  }
}
