package io.lodestone.repository;

import com.google.protobuf.ByteString;
import io.lodestone.api.KeyRange;
import io.lodestone.api.LodestoneException;
import io.lodestone.repository.History.Stretch;
import io.lodestone.repository.SelectedRows.Question;
import io.lodestone.repository.SurvivingRows.Cursor;
import io.lodestone.repository.SurvivingRows.TombstoneAtCompact;
import io.lodestone.repository.chain.EntryLog;
import io.lodestone.repository.format.BaseFacts;
import io.lodestone.revisions.RevisionRecord;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What a lineage holds, looked at without restoring it. Reads the entries that a point needs, and
 * of their parts those that may hold what is asked for; memory does not grow with what is looked
 * through, but for one bit a row. Each object is checked by its own hash; the chain is not, which
 * {@code verify} does. Thread-safe.
 */
public final class Contents {
  private final EntryLog log;
  private final Path spoolDirectory;

  Contents(EntryLog log, Path spoolDirectory) {
    this.log = log;
    this.spoolDirectory = spoolDirectory;
  }

  /** Takes rows, one after another. */
  @FunctionalInterface
  public interface RowVisitor {
    void row(RevisionRecord row) throws IOException;
  }

  /** Takes versions of keys, one after another. */
  @FunctionalInterface
  public interface VersionVisitor {
    void version(KeyVersion version) throws IOException;
  }

  /** Takes changes of keys, one after another. */
  @FunctionalInterface
  public interface ChangeVisitor {
    void change(KeyChange change) throws IOException;
  }

  /** The newest complete revision. */
  public long newestRevision() throws IOException {
    History history = History.read(log);
    return history.newest().orElseThrow(history::empty).end().revision();
  }

  /** The key as it was at a revision; empty where it was not there. */
  public Optional<RevisionRecord> get(ByteString key, long revision) throws IOException {
    History history = History.read(log);
    Stretch stretch = history.covering(revision);
    requireKept(KeyRange.single(key), stretch);
    return new KeyLookup(log, key, revision)
        .find(stretch.base().seq(), history.lastNeeded(stretch, revision))
        .filter(row -> !row.tombstone());
  }

  /** All keys of a range as they were at a revision, in the order of their last change. */
  public void rows(KeyRange keys, long revision, RowVisitor visitor) throws IOException {
    try (Cursor rows = stateAt(keys, revision).open()) {
      Optional<RevisionRecord> row = rows.next();
      while (row.isPresent()) {
        visitor.row(row.get());
        row = rows.next();
      }
    }
  }

  private SurvivingRows stateAt(KeyRange keys, long revision) throws IOException {
    History history = History.read(log);
    Stretch stretch = history.covering(revision);
    requireKept(keys, stretch);
    long last = history.lastNeeded(stretch, revision);
    Question question = new Question(Optional.of(keys), stretch.base().seq(), last, 0, revision);
    return SurvivingRows.find(log, question, revision, TombstoneAtCompact.GOES, spoolDirectory);
  }

  /** Every version of a key that is still there, oldest first. */
  public void history(ByteString key, VersionVisitor visitor) throws IOException {
    History history = History.read(log);
    if (history.newest().isPresent()) {
      requireKept(KeyRange.single(key), history.newest().get());
    }
    new KeyHistory(log, KeyRange.single(key)).visit(history, visitor);
  }

  /** That a key is not here says something only where it would have been kept. */
  private void requireKept(KeyRange keys, Stretch stretch) {
    stretch
        .base()
        .base()
        .flatMap(BaseFacts::prefix)
        .filter(prefix -> !KeyRange.prefix(prefix).contains(keys))
        .ifPresent(
            prefix -> {
              throw new LodestoneException(
                  "lineage "
                      + log.names().lineage()
                      + " holds the keys that begin with '"
                      + prefix.toStringUtf8()
                      + "' only, and not all that is asked for",
                  "ask for keys below that prefix");
            });
  }

  /**
   * The keys of a range that are not the same at two revisions, in order; of more than {@value
   * StateDiff#MOST_AT_ONCE} in portions, each in order.
   */
  public void diff(KeyRange keys, long from, long to, ChangeVisitor visitor) throws IOException {
    new StateDiff(stateAt(keys, from), stateAt(keys, to)).visit(visitor);
  }
}
