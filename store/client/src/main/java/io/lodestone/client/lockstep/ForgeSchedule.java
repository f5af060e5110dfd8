package io.lodestone.client.lockstep;

import com.google.protobuf.ByteString;
import io.lodestone.client.lockstep.ForgePlan.Deletion;
import io.lodestone.client.lockstep.ForgePlan.Growth;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.PriorityQueue;

/**
 * Which keys are put or deleted at which revision, told from one revision to the next. What a key
 * needs between its first and its last put it gets in revisions that follow each other, so that
 * long stretches of revisions are alike; begun where few others are at it, and at the latest where
 * there is no revision to spare. Confined to the replaying thread.
 */
final class ForgeSchedule {
  private static final long NEVER = Long.MAX_VALUE;

  /** So many keys are filled at once, unless more have to be. */
  private static final int AT_ONCE = 64;

  /** So many keys are deleted in a revision, unless more have to be. */
  private static final int DELETED_AT_ONCE = 500;

  private final Deque<Growth> arriving;
  private final Deque<Growth> creations;
  private final Deque<Deletion> deletions;
  private final PriorityQueue<Growth> waiting =
      new PriorityQueue<>(Comparator.comparingLong(Growth::latestStart));
  private final PriorityQueue<Running> running =
      new PriorityQueue<>(Comparator.comparingLong(Running::end));

  /**
   * A key that is put in every revision.
   *
   * @param end behind the last of them
   */
  private record Running(ByteString key, long end) {}

  /**
   * Revisions that are alike.
   *
   * @param to the last of them
   * @param keys what is put in each
   */
  record Stretch(long to, List<ByteString> keys) {}

  ForgeSchedule(ForgePlan plan) {
    arriving = new ArrayDeque<>(plan.growths().stream().filter(key -> key.fillings() > 0).toList());
    creations =
        new ArrayDeque<>(
            plan.growths().stream()
                .filter(key -> key.create() > 0)
                .sorted(Comparator.comparingLong(Growth::create))
                .toList());
    deletions = new ArrayDeque<>(plan.deletions());
  }

  /** The first revision behind {@code revision} that is not like others. */
  long nextOfItsOwn(long revision) {
    long creation = creations.isEmpty() ? NEVER : creations.getFirst().create();
    return deletions.isEmpty() ? creation : revision + 1;
  }

  /** The revisions from {@code from} on that are alike, none of them behind {@code limit}. */
  Stretch stretch(long from, long limit) {
    List<ByteString> keys = fillings(from);
    long to = limit;
    to = running.isEmpty() ? to : Math.min(to, running.peek().end() - 1);
    to = waiting.isEmpty() ? to : Math.min(to, waiting.peek().latestStart() - 1);
    return new Stretch(to, keys);
  }

  /** The keys that are put once more at {@code revision}. */
  List<ByteString> fillings(long revision) {
    while (!arriving.isEmpty() && arriving.getFirst().from() <= revision) {
      waiting.add(arriving.removeFirst());
    }
    while (!running.isEmpty() && running.peek().end() <= revision) {
      running.remove();
    }
    while (!waiting.isEmpty()
        && (waiting.peek().latestStart() <= revision || running.size() < AT_ONCE)) {
      Growth begun = waiting.remove();
      running.add(new Running(begun.key(), revision + begun.fillings()));
    }
    return running.stream().map(Running::key).toList();
  }

  /** The keys that are put for the first time at {@code revision}, and again later. */
  List<ByteString> creations(long revision) {
    List<ByteString> keys = new ArrayList<>();
    while (!creations.isEmpty() && creations.getFirst().create() == revision) {
      keys.add(creations.removeFirst().key());
    }
    return keys;
  }

  /** The keys that are deleted at {@code revision}. */
  List<ByteString> deletions(long revision) {
    List<ByteString> keys = new ArrayList<>();
    while (!deletions.isEmpty()
        && (keys.size() < DELETED_AT_ONCE || deletions.getFirst().deadline() == revision)) {
      keys.add(deletions.removeFirst().key());
    }
    return keys;
  }
}
