package io.lodestone.repository.chain;

import io.lodestone.repository.objects.ObjectStore;
import io.lodestone.repository.objects.StoredObject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The spans of a lineage as one listing showed them. Where several stand for one entry, what has
 * expired wins, then what begins first, then what reaches farther: a leftover of an interrupted
 * compaction is not looked at. Immutable.
 */
final class Spans {
  private static final Comparator<SpanName> WIDEST_FIRST =
      Comparator.comparingLong(SpanName::firstSeq)
          .thenComparing(Comparator.comparingLong(SpanName::lastSeq).reversed());

  private final List<SpanName> all;
  private final NavigableMap<Long, SpanName> byFirst = new TreeMap<>();

  private Spans(List<SpanName> all) {
    this.all = List.copyOf(all);
    all.stream().filter(SpanName::expired).sorted(WIDEST_FIRST).forEach(this::addIfFree);
    all.stream().filter(span -> !span.expired()).sorted(WIDEST_FIRST).forEach(this::addIfFree);
  }

  private void addIfFree(SpanName span) {
    Map.Entry<Long, SpanName> before = byFirst.floorEntry(span.lastSeq());
    if (before == null || before.getValue().lastSeq() < span.firstSeq()) {
      byFirst.put(span.firstSeq(), span);
    }
  }

  static Spans list(ObjectStore store, LineageNames names) throws IOException {
    List<SpanName> found = new ArrayList<>();
    Iterator<StoredObject> listed = store.list(names.spans(), "");
    while (listed.hasNext()) {
      names.spanOf(listed.next().name()).ifPresent(found::add);
    }
    return new Spans(found);
  }

  Optional<SpanName> covering(long seq) {
    return Optional.ofNullable(byFirst.floorEntry(seq))
        .map(Map.Entry::getValue)
        .filter(span -> span.covers(seq));
  }

  /** All of them, ascending, leftovers included. */
  List<SpanName> all() {
    return all;
  }
}
