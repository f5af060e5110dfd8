package io.lodestone.restore.gardener;

import io.lodestone.api.LodestoneException;
import io.lodestone.repository.objects.ObjectStore;
import io.lodestone.restore.gardener.DeltaEvents.Event;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Which revision etcd-backup-restore had in hand at a time, by its own clock.
 *
 * <p>An event has the time at which it was received. An {@code Incr} object has all that was
 * received between the object before it and the second in its own name; a {@code Full} one was
 * complete at the second in its name, and has what changed while it was taken under later times.
 * What was received between the last {@code Incr} and the next {@code Full} is in the latter only,
 * without times: there, and behind the last object, nothing is known.
 *
 * <p>For example {@code Full} of revision 10 at 12:00:00, {@code Incr} 11 (12:01:00.5) to 12
 * (12:04:10) at 12:05:00, {@code Full} of 15 at 12:07:00: it is 10 at 12:01:00, 11 at 12:04:00, 12
 * at 12:04:10 and at 12:05:00, and unknown at 12:06:00; were the second {@code Full} of 12, it
 * would be 12 there as well. Confined to one thread.
 */
final class ChainClock {
  private final ObjectStore store;
  private final Path spoolDirectory;
  private final List<ChainObject> objects;

  /**
   * @param objects of the chain, in the order of their last revisions
   */
  ChainClock(ObjectStore store, Path spoolDirectory, List<ChainObject> objects) {
    this.store = store;
    this.spoolDirectory = spoolDirectory;
    this.objects = objects;
  }

  /** The last main revision that was received whole at {@code time}; fails where it is unknown. */
  long revisionAt(Instant time) throws IOException {
    ChainObject full = newestSnapshot(time);
    long known = full.lastRevision();
    Instant knownAt = full.created();
    if (knownAt.equals(time)) {
      return known;
    }
    for (ChainObject next : objects.subList(objects.indexOf(full) + 1, objects.size())) {
      if (!next.full() && next.lastRevision() <= known) {
        continue;
      }
      if (next.full() || next.firstRevision() > known + 1) {
        if (next.lastRevision() == known && !next.created().isBefore(time)) {
          return known;
        }
        throw unknown(time, known, knownAt, Optional.of(next));
      }
      OptionalLong behind = firstBehind(time, next, known);
      if (behind.isPresent()) {
        return behind.getAsLong() - 1;
      }
      known = next.lastRevision();
      knownAt = next.created();
      if (!knownAt.isBefore(time)) {
        return known;
      }
    }
    throw unknown(time, known, knownAt, Optional.empty());
  }

  private ChainObject newestSnapshot(Instant time) {
    List<ChainObject> fulls = objects.stream().filter(ChainObject::full).toList();
    return fulls.stream()
        .filter(full -> !full.created().isAfter(time))
        .reduce((older, newer) -> newer)
        .orElseThrow(
            () ->
                new LodestoneException(
                    "nothing is known about " + time + " in the chain at " + store.location(),
                    fulls.stream()
                        .map(ChainObject::created)
                        .min(Comparator.naturalOrder())
                        .map(first -> "choose a time from " + first + " on")
                        .orElse("it has no snapshot")));
  }

  /** The first revision in {@code object} that was received behind {@code time}. */
  private OptionalLong firstBehind(Instant time, ChainObject object, long known)
      throws IOException {
    if (object.created().plusSeconds(1).isBefore(time)) {
      return OptionalLong.empty();
    }
    try (DeltaEvents events = DeltaEvents.open(Unpacked.of(store, object, spoolDirectory))) {
      for (Optional<Event> event = events.next(); event.isPresent(); event = events.next()) {
        long revision = event.get().keyValue().getModRevision();
        if (revision > known && event.get().at().isAfter(time)) {
          return OptionalLong.of(revision);
        }
      }
      return OptionalLong.empty();
    }
  }

  private static LodestoneException unknown(
      Instant time, long known, Instant knownAt, Optional<ChainObject> next) {
    return new LodestoneException(
        "the chain tells no times between "
            + knownAt
            + ", when it was at revision "
            + known
            + ", and "
            + next.map(ChainObject::created).map(Instant::toString).orElse("now")
            + ": which revision it had at "
            + time
            + " is not known",
        "choose --to-time "
            + knownAt
            + ", --to-revision "
            + known
            + next.map(object -> ", --to-revision " + object.lastRevision()).orElse("")
            + ", or leave both out for the newest");
  }
}
