package io.lodestone.repository;

import io.lodestone.repository.Description.BaseDescription;
import io.lodestone.repository.Description.Expired;
import io.lodestone.repository.Description.Gap;
import io.lodestone.repository.Description.LineageDescription;
import io.lodestone.repository.Description.Range;
import io.lodestone.repository.History.Stretch;
import io.lodestone.repository.chain.EntryLog;
import io.lodestone.repository.format.BaseFacts;
import io.lodestone.repository.format.ContentCipher;
import io.lodestone.repository.format.EntryHeader;
import io.lodestone.repository.format.PartFacts;
import io.lodestone.repository.objects.ObjectStore;
import io.lodestone.repository.objects.StoredObject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/** Tells what a lineage holds, from headers and one listing. */
final class Describer {
  private Describer() {}

  static LineageDescription describe(ObjectStore store, Lineage lineage) throws IOException {
    EntryLog log = new EntryLog(store, ContentCipher.NONE, lineage.toString());
    History history = History.read(log);
    Optional<String> successor =
        history.lastSeq() == 0 ? Optional.empty() : log.header(history.lastSeq()).successor();
    long objects = 0;
    long bytes = 0;
    Iterator<StoredObject> all = store.list(log.names().root(), "");
    while (all.hasNext()) {
      objects++;
      bytes += all.next().sizeBytes();
    }
    return new LineageDescription(
        lineage,
        history.newest().flatMap(stretch -> stretch.base().base()).flatMap(BaseFacts::prefix),
        ranges(history.stretches()),
        gaps(history.stretches()),
        expired(history.stretches()),
        history.stretches().stream().map(stretch -> base(stretch.base())).toList(),
        log.note(),
        successor,
        history.lastSeq(),
        objects,
        bytes);
  }

  private static List<Range> ranges(List<Stretch> stretches) {
    List<Range> ranges = new ArrayList<>();
    for (Stretch stretch : stretches) {
      Range range =
          new Range(
              stretch.firstRevision(),
              stretch.end().revision(),
              stretch.base().standing().at(),
              stretch.end().at());
      int last = ranges.size() - 1;
      if (last >= 0 && ranges.get(last).lastRevision() + 1 >= range.firstRevision()) {
        ranges.set(last, merge(ranges.get(last), range));
      } else {
        ranges.add(range);
      }
    }
    return ranges;
  }

  private static Range merge(Range before, Range after) {
    return new Range(
        Math.min(before.firstRevision(), after.firstRevision()),
        after.lastRevision(),
        before.from(),
        after.to());
  }

  private static List<Gap> gaps(List<Stretch> stretches) {
    List<Gap> gaps = new ArrayList<>();
    for (int i = 1; i < stretches.size(); i++) {
      Stretch before = stretches.get(i - 1);
      Stretch after = stretches.get(i);
      if (History.isGap(before, after) && before.silentFrom().isEmpty()) {
        gaps.add(
            new Gap(
                before.end().revision() + 1,
                after.firstRevision() - 1,
                before.end().at(),
                after.base().standing().at()));
      }
    }
    return gaps;
  }

  private static List<Expired> expired(List<Stretch> stretches) {
    List<Expired> expired = new ArrayList<>();
    for (int i = 1; i < stretches.size(); i++) {
      Stretch before = stretches.get(i - 1);
      Stretch after = stretches.get(i);
      if (History.isGap(before, after) && before.silentFrom().isPresent()) {
        expired.add(
            new Expired(
                before.end().revision() + 1,
                after.firstRevision() - 1,
                before.end().at(),
                after.base().standing().at()));
      }
    }
    return expired;
  }

  private static BaseDescription base(EntryHeader header) {
    BaseFacts facts = header.base().orElseThrow();
    return new BaseDescription(
        header.seq(),
        header.standing().revision(),
        header.standing().compactScheduled(),
        facts.origin(),
        facts.capturedAt(),
        facts.reason(),
        header.parts().size(),
        header.content().bytes() + header.parts().stream().mapToLong(PartFacts::bytes).sum());
  }
}
