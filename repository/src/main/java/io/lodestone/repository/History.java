package io.lodestone.repository;

import io.lodestone.api.LodestoneException;
import io.lodestone.repository.chain.ContentStream;
import io.lodestone.repository.chain.EntryLog;
import io.lodestone.repository.format.Damage;
import io.lodestone.repository.format.EntryHeader;
import io.lodestone.repository.format.EntryHeader.Kind;
import io.lodestone.repository.format.Standing;
import io.lodestone.revisions.StreamItem;
import io.lodestone.revisions.StreamItem.Complete;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Predicate;

/**
 * What a log held when this was read, as far as headers tell: its bases, found by following each to
 * the one before, and how far the tail behind each goes. Reading it costs two headers a base.
 * Immutable.
 */
final class History {
  private final EntryLog log;
  private final List<Stretch> stretches;
  private final long lastSeq;

  private History(EntryLog log, List<Stretch> stretches, long lastSeq) {
    this.log = log;
    this.stretches = List.copyOf(stretches);
    this.lastSeq = lastSeq;
  }

  /**
   * A base and the tail behind it.
   *
   * @param lastSeq last entry before the next base
   * @param end where the tail ends
   */
  record Stretch(EntryHeader base, long lastSeq, Standing end) {

    /** The first revision that can be restored from it. */
    long firstRevision() {
      return Math.max(base.standing().compactScheduled(), 1);
    }

    boolean covers(long revision) {
      return revision >= firstRevision() && revision <= end.revision();
    }
  }

  static History read(EntryLog log) throws IOException {
    OptionalLong last = log.lastSeq();
    if (last.isEmpty()) {
      return new History(log, List.of(), 0);
    }
    long lastSeq = last.getAsLong();
    long firstSeq = log.firstSeq().orElseThrow();
    List<Stretch> stretches = new ArrayList<>();
    Standing end = log.header(lastSeq).standing();
    long endSeq = lastSeq;
    long baseSeq = end.baseSeq();
    while (baseSeq >= firstSeq && baseSeq > 0) {
      EntryHeader base = log.header(baseSeq);
      long before = previousBase(log, base);
      stretches.add(new Stretch(base, endSeq, end));
      endSeq = baseSeq - 1;
      baseSeq = before;
      if (baseSeq >= firstSeq && baseSeq > 0) {
        end = log.header(endSeq).standing();
      }
    }
    Collections.reverse(stretches);
    return new History(log, stretches, lastSeq);
  }

  private static long previousBase(EntryLog log, EntryHeader base) {
    long before = base.base().map(facts -> facts.previousBaseSeq()).orElse(base.seq());
    if (before >= base.seq()) {
      throw Damage.corrupt(
          log.names().entry(base.seq()), 0, "it must be a BASE behind another and is not");
    }
    return before;
  }

  List<Stretch> stretches() {
    return stretches;
  }

  long lastSeq() {
    return lastSeq;
  }

  Optional<Stretch> newest() {
    return stretches.isEmpty()
        ? Optional.empty()
        : Optional.of(stretches.get(stretches.size() - 1));
  }

  /** The stretch to restore {@code revision} from: with the newest base that needs no rewinding. */
  Stretch covering(long revision) {
    Optional<Stretch> best = Optional.empty();
    for (Stretch stretch : stretches) {
      boolean forward = stretch.base().standing().revision() <= revision;
      if (stretch.covers(revision) && (forward || best.isEmpty())) {
        best = Optional.of(stretch);
      }
    }
    return best.orElseThrow(() -> notCaptured("revision " + revision));
  }

  /** The last revision that was complete at {@code time}. */
  long revisionAt(Instant time) throws IOException {
    Optional<Stretch> found = Optional.empty();
    Optional<Stretch> next = Optional.empty();
    for (Stretch stretch : stretches) {
      if (!stretch.base().standing().at().isAfter(time)) {
        found = Optional.of(stretch);
        next = Optional.empty();
      } else if (next.isEmpty()) {
        next = Optional.of(stretch);
      }
    }
    Stretch stretch = found.orElseThrow(() -> notCaptured("the time " + time));
    boolean behindItsEnd = time.isAfter(stretch.end().at());
    if (behindItsEnd && next.isPresent() && isGap(stretch, next.get())) {
      throw notCaptured("the time " + time);
    }
    return behindItsEnd ? stretch.end().revision() : revisionIn(stretch, time);
  }

  static boolean isGap(Stretch before, Stretch after) {
    return after.firstRevision() > before.end().revision() + 1;
  }

  private long revisionIn(Stretch stretch, Instant time) throws IOException {
    long seq =
        firstEntry(stretch.base().seq(), stretch.lastSeq(), h -> h.standing().at().isAfter(time));
    EntryHeader header = log.header(seq);
    if (header.kind() != Kind.SEGMENT) {
      return log.header(Math.max(seq - 1, stretch.base().seq())).standing().revision();
    }
    long revision = log.header(seq - 1).standing().revision();
    try (ContentStream content = new ContentStream(log, log.read(seq))) {
      for (Optional<StreamItem> i = content.next(); i.isPresent(); i = content.next()) {
        if (i.get() instanceof Complete mark && !mark.at().isAfter(time)) {
          revision = mark.revision();
        }
      }
    }
    return revision;
  }

  /** The first entry in [from, to] that holds something above {@code revision}; empty if none. */
  OptionalLong firstAbove(Stretch stretch, long revision) throws IOException {
    if (stretch.end().revision() <= revision) {
      return OptionalLong.empty();
    }
    return OptionalLong.of(
        firstEntry(
            stretch.base().seq(),
            stretch.lastSeq(),
            header -> header.standing().revision() > revision));
  }

  /**
   * Bisects the entries for the first that has what all later ones have too; {@code to} if none.
   */
  private long firstEntry(long from, long to, Predicate<EntryHeader> has) throws IOException {
    long low = from;
    long high = to;
    while (low < high) {
      long middle = low + (high - low) / 2;
      if (has.test(log.header(middle))) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  }

  private LodestoneException notCaptured(String what) {
    String ranges =
        String.join(
            ", ",
            stretches.stream()
                .map(
                    s ->
                        s.firstRevision()
                            + " to "
                            + s.end().revision()
                            + " ("
                            + s.base().standing().at()
                            + " to "
                            + s.end().at()
                            + ")")
                .toList());
    return new LodestoneException(
        what + " is not in lineage " + log.names().lineage(),
        stretches.isEmpty()
            ? "no base was finished yet: let the agent run until one is"
            : "what it has, by revision and time: " + ranges);
  }

  LodestoneException empty() {
    return new LodestoneException(
        "lineage " + log.names().lineage() + " has no base to restore from",
        "no base was finished yet: let the agent run until one is");
  }
}
