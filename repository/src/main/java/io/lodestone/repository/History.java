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
import java.util.Comparator;
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
   * @param lastSeq last entry before the next base, or before what has expired
   * @param end where the tail ends
   * @param silentFrom where what came behind it has expired: until then its end was the newest
   */
  record Stretch(EntryHeader base, long lastSeq, Standing end, Optional<Instant> silentFrom) {

    static final Comparator<Stretch> BY_BASE = Comparator.comparing(s -> s.base().seq());

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
    Optional<Instant> silentFrom = Optional.empty();
    long seq = lastSeq;
    while (seq >= firstSeq) {
      EntryHeader end = log.header(seq);
      if (end.kind() == Kind.EXPIRED) {
        silentFrom = end.span().orElseThrow().silentFrom();
        seq = end.firstSeq() - 1;
      } else if (end.standing().baseSeq() >= firstSeq) {
        EntryHeader base = base(log, end);
        stretches.add(new Stretch(base, seq, end.standing(), silentFrom));
        silentFrom = Optional.empty();
        seq = base.seq() - 1;
      } else {
        seq = 0;
      }
    }
    Collections.reverse(stretches);
    return new History(log, stretches, lastSeq);
  }

  private static EntryHeader base(EntryLog log, EntryHeader behind) throws IOException {
    long seq = behind.standing().baseSeq();
    EntryHeader base = log.header(seq);
    if (base.kind() != Kind.BASE || base.seq() > behind.seq()) {
      throw Damage.corrupt(
          log.names().entry(seq), 0, "it must be a BASE before entry " + behind.seq());
    }
    return base;
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

  /** True where nothing behind {@code stretch} has expired, up to the end of the log. */
  boolean isWholeFrom(Stretch stretch) {
    return stretches.subList(stretches.indexOf(stretch), stretches.size()).stream()
        .allMatch(later -> later.silentFrom().isEmpty());
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
    Stretch stretch = at(time).orElseThrow(() -> notCaptured("the time " + time));
    return time.isAfter(stretch.end().at()) ? stretch.end().revision() : revisionIn(stretch, time);
  }

  /** The stretch that tells the state at {@code time}; empty where nothing is known of it. */
  Optional<Stretch> at(Instant time) {
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
    if (found.isEmpty() || !time.isAfter(found.get().end().at())) {
      return found;
    }
    Stretch before = found.get();
    boolean silent =
        before.silentFrom().isPresent()
            ? !time.isBefore(before.silentFrom().get())
            : next.filter(after -> isGap(before, after)).isPresent();
    return silent ? Optional.empty() : found;
  }

  /** What is needed to restore any point from {@code time} on. */
  List<Stretch> since(Instant time) {
    int first = 0;
    for (int i = 0; i < stretches.size(); i++) {
      first = stretches.get(i).base().standing().at().isAfter(time) ? first : i;
    }
    return stretches.subList(first, stretches.size());
  }

  /** The last entry that is needed to tell the state at {@code time}, which the stretch tells. */
  long lastNeeded(Stretch stretch, Instant time) throws IOException {
    if (!stretch.end().at().isAfter(time)) {
      return stretch.lastSeq();
    }
    EntryHeader entry =
        log.header(
            firstEntry(
                stretch.base().seq(), stretch.lastSeq(), h -> h.standing().at().isAfter(time)));
    boolean allLater = entry.first().filter(first -> first.at().isAfter(time)).isPresent();
    return allLater ? entry.firstSeq() - 1 : entry.seq();
  }

  /** The last entry that is needed to restore {@code revision}, which the stretch covers. */
  long lastNeeded(Stretch stretch, long revision) throws IOException {
    long seq =
        firstEntry(
            stretch.base().seq(), stretch.lastSeq(), h -> h.standing().revision() >= revision);
    return log.header(seq).seq();
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
    long revision = log.header(header.firstSeq() - 1).standing().revision();
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
    long seq =
        firstEntry(
            stretch.base().seq(),
            stretch.lastSeq(),
            header -> header.standing().revision() > revision);
    return OptionalLong.of(log.header(seq).firstSeq());
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
