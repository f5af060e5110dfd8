package io.lodestone.repository;

import com.google.protobuf.ByteString;
import io.lodestone.repository.Contents.ChangeVisitor;
import io.lodestone.repository.SurvivingRows.Cursor;
import io.lodestone.revisions.RevisionRecord;
import java.io.IOException;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Compares two states. Both come in order of revision, so a row that both have is passed by; what
 * is left is joined by key, a bounded number of rows at a time, with one more pass over both for
 * each. Confined to one thread.
 */
final class StateDiff {
  /** The most rows that are held in memory, without their values. */
  static final int MOST_AT_ONCE = 50_000;

  private static final Comparator<ByteString> ORDER =
      ByteString.unsignedLexicographicalComparator();

  private final SurvivingRows before;
  private final SurvivingRows after;
  private final int mostAtOnce;

  StateDiff(SurvivingRows before, SurvivingRows after) {
    this(before, after, MOST_AT_ONCE);
  }

  StateDiff(SurvivingRows before, SurvivingRows after, int mostAtOnce) {
    this.before = before;
    this.after = after;
    this.mostAtOnce = mostAtOnce;
  }

  /** Takes the rows that only one of the states has. */
  private interface Differences {
    void only(RevisionRecord row, boolean inAfter);
  }

  void visit(ChangeVisitor visitor) throws IOException {
    long[] differing = {0};
    compare((row, inAfter) -> differing[0]++);
    long shares = (differing[0] + mostAtOnce - 1) / mostAtOnce;
    for (long share = 0; share < shares; share++) {
      visitShare(share, shares, visitor);
    }
  }

  private void visitShare(long share, long shares, ChangeVisitor visitor) throws IOException {
    Map<ByteString, KeyChange> changes = new TreeMap<>(ORDER);
    compare(
        (row, inAfter) -> {
          if (Math.floorMod(row.key().hashCode(), shares) == share) {
            add(changes, KeyVersion.of(row, Optional.empty()), inAfter);
          }
        });
    for (KeyChange change : changes.values()) {
      visitor.change(change);
    }
  }

  private static void add(Map<ByteString, KeyChange> changes, KeyVersion version, boolean inAfter) {
    // The key is copied: a slice would keep the object alive that it was read from.
    ByteString key = ByteString.copyFrom(version.key().asReadOnlyByteBuffer());
    KeyChange known =
        changes.getOrDefault(key, new KeyChange(key, Optional.empty(), Optional.empty()));
    Optional<KeyVersion> seen = Optional.of(version.withKey(key));
    changes.put(
        key,
        inAfter
            ? new KeyChange(key, known.before(), seen)
            : new KeyChange(key, seen, known.after()));
  }

  private void compare(Differences differences) throws IOException {
    try (Cursor left = before.open();
        Cursor right = after.open()) {
      Optional<RevisionRecord> old = left.next();
      Optional<RevisionRecord> now = right.next();
      while (old.isPresent() || now.isPresent()) {
        int order = order(old, now);
        if (order < 0) {
          differences.only(old.get(), false);
        } else if (order > 0) {
          differences.only(now.get(), true);
        }
        old = order <= 0 ? left.next() : old;
        now = order >= 0 ? right.next() : now;
      }
    }
  }

  private static int order(Optional<RevisionRecord> left, Optional<RevisionRecord> right) {
    if (left.isEmpty() || right.isEmpty()) {
      return left.isEmpty() ? 1 : -1;
    }
    return left.get().revision().compareTo(right.get().revision());
  }
}
