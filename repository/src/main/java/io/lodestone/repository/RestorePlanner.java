package io.lodestone.repository;

import io.lodestone.repository.History.Stretch;
import io.lodestone.repository.chain.EntryLog;
import io.lodestone.repository.chain.LineageNames;
import io.lodestone.repository.chain.SpanName;
import io.lodestone.repository.format.EntryHeader;
import io.lodestone.repository.format.PartFacts;
import io.lodestone.repository.objects.StoredObject;
import java.io.IOException;
import java.util.Iterator;
import java.util.List;
import java.util.OptionalLong;

/** Counts what a restore will read, from headers and listings. Used once. */
final class RestorePlanner {
  private final EntryLog log;
  private final Lineage lineage;
  private long objects;
  private long bytes;

  RestorePlanner(EntryLog log, Lineage lineage) {
    this.log = log;
    this.lineage = lineage;
  }

  /**
   * @param until the revision to restore; empty for the end of {@code stretch}
   */
  RestorePlan plan(History history, Stretch stretch, OptionalLong until) throws IOException {
    EntryHeader base = stretch.base();
    long lastSeq =
        until.isPresent() && stretch.end().revision() > until.getAsLong()
            ? history.lastNeeded(stretch, until.getAsLong())
            : stretch.lastSeq();
    count(base);
    countTail(base.seq(), Math.max(base.seq(), lastSeq));
    return new RestorePlan(
        lineage,
        base.seq(),
        base.standing().revision(),
        base.standing().at(),
        Math.max(base.seq(), lastSeq),
        until.orElse(stretch.end().revision()),
        objects,
        bytes);
  }

  private void count(EntryHeader base) throws IOException {
    add(log.store().size(log.names().entry(base.seq())).orElse(0));
    for (PartFacts part : base.parts()) {
      add(part.bytes());
    }
  }

  private void add(long size) {
    objects++;
    bytes += size;
  }

  /** Entries that no span stands for, the spans, and the parts of both. */
  private void countTail(long behind, long last) throws IOException {
    LineageNames names = log.names();
    List<SpanName> spans = log.allSpans();
    count(log.store().list(names.entries(), names.entry(behind)), names.entries(), last);
    for (SpanName span : spans) {
      if (!span.expired() && span.firstSeq() > behind && span.firstSeq() <= last) {
        add(log.store().size(names.span(span)).orElse(0));
      }
    }
    String parts = names.parts();
    count(log.store().list(parts, LineageNames.behind(parts, behind)), parts, last);
  }

  /** Objects below {@code directory} whose numbers go up to {@code last}. */
  private void count(Iterator<StoredObject> listed, String directory, long last)
      throws IOException {
    while (listed.hasNext()) {
      StoredObject next = listed.next();
      OptionalLong seq = log.names().numberOf(directory, next.name());
      if (seq.isEmpty() || seq.getAsLong() > last) {
        return;
      }
      boolean isEntry = directory.equals(log.names().entries());
      if (!isEntry || log.spanOver(seq.getAsLong()).isEmpty()) {
        add(next.sizeBytes());
      }
    }
  }
}
