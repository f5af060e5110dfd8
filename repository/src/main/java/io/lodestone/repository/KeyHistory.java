package io.lodestone.repository;

import io.lodestone.api.KeyRange;
import io.lodestone.repository.Contents.VersionVisitor;
import io.lodestone.repository.History.Stretch;
import io.lodestone.repository.SelectedRows.Question;
import io.lodestone.repository.chain.EntryLog;
import io.lodestone.revisions.RevisionRecord;
import io.lodestone.revisions.StreamItem;
import io.lodestone.revisions.StreamItem.Complete;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Tells every version of some keys, through all bases and tails of a lineage. What the log has
 * shown already is not taken from a later base again. Confined to one thread.
 */
final class KeyHistory {
  private final EntryLog log;
  private final KeyRange keys;

  KeyHistory(EntryLog log, KeyRange keys) {
    this.log = log;
    this.keys = keys;
  }

  void visit(History history, VersionVisitor visitor) throws IOException {
    long shown = 0;
    for (Stretch stretch : history.stretches()) {
      long base = stretch.base().seq();
      if (stretch.base().standing().revision() > shown) {
        visit(question(base, base, shown), visitor);
        shown = stretch.base().standing().revision();
      }
      visit(question(base + 1, stretch.lastSeq(), shown), visitor);
      shown = Math.max(shown, stretch.end().revision());
    }
  }

  private Question question(long fromSeq, long toSeq, long after) {
    return new Question(Optional.of(keys), fromSeq, toSeq, after, Long.MAX_VALUE);
  }

  private void visit(Question question, VersionVisitor visitor) throws IOException {
    List<RevisionRecord> waiting = new ArrayList<>();
    try (SelectedRows rows = new SelectedRows(log, question)) {
      for (Optional<StreamItem> i = rows.next(); i.isPresent(); i = rows.next()) {
        if (i.get() instanceof RevisionRecord row) {
          boolean nextRevision = !waiting.isEmpty() && waiting.get(0).main() != row.main();
          if (nextRevision) {
            show(waiting, Optional.empty(), visitor);
          }
          waiting.add(row);
        } else if (i.get() instanceof Complete mark) {
          show(waiting, Optional.of(mark.at()), visitor);
        }
      }
    }
    show(waiting, Optional.empty(), visitor);
  }

  private static void show(
      List<RevisionRecord> waiting, Optional<Instant> at, VersionVisitor visitor)
      throws IOException {
    for (RevisionRecord row : waiting) {
      visitor.version(KeyVersion.of(row, at));
    }
    waiting.clear();
  }
}
