package io.lodestone.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.lodestone.api.LeaseId;
import io.lodestone.api.Revision;
import io.lodestone.revisions.RevisionRecord;
import io.lodestone.revisions.RevisionStream;
import io.lodestone.revisions.RowScan;
import io.lodestone.revisions.StreamItem;
import io.lodestone.revisions.StreamItem.BaseStart;
import io.lodestone.revisions.StreamItem.Compaction;
import io.lodestone.revisions.StreamItem.Complete;
import io.lodestone.revisions.StreamItem.LeaseGone;
import io.lodestone.revisions.StreamItem.LeaseState;
import io.lodestone.revisions.StreamOrder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;

/** Reads a stream, holds every item against the contract, and keeps what it adds up to. */
final class Collected {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  final NavigableMap<Revision, RevisionRecord> rows = new TreeMap<>();
  final Map<LeaseId, LeaseState> leases = new HashMap<>();
  final List<BaseStart> bases = new ArrayList<>();
  final List<Complete> marks = new ArrayList<>();
  long compacted = -1;

  private final RevisionStream stream;
  private final StreamOrder order;

  private Collected(RevisionStream stream, StreamOrder order) {
    this.stream = stream;
    this.order = order;
  }

  static Collected atBase(RevisionStream stream) {
    return new Collected(stream, StreamOrder.atBase());
  }

  static Collected after(long revision, RevisionStream stream) {
    return new Collected(stream, StreamOrder.after(revision));
  }

  long complete() {
    return order.completeRevision();
  }

  Collected readTo(long revision) throws Exception {
    return readUntil(() -> order.atBoundary() && complete() >= revision);
  }

  Collected readUntil(BooleanSupplier enough) throws Exception {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!enough.getAsBoolean()) {
      Optional<StreamItem> item = stream.poll(Duration.ofMillis(100));
      item.ifPresent(this::take);
      assertThat(System.nanoTime())
          .as("patience at revision %d, bases %s", complete(), bases)
          .isLessThan(deadline);
    }
    return this;
  }

  private void take(StreamItem item) {
    order.advance(item);
    if (item instanceof BaseStart base) {
      bases.add(base);
      rows.clear();
      leases.clear();
      compacted = -1;
    } else if (item instanceof RevisionRecord row) {
      rows.put(row.revision(), row);
    } else if (item instanceof Compaction told) {
      compacted = told.scheduled();
    } else if (item instanceof Complete mark) {
      marks.add(mark);
    } else if (item instanceof LeaseState lease) {
      leases.put(lease.id(), lease);
    } else if (item instanceof LeaseGone gone) {
      leases.remove(gone.id());
    }
  }

  RowScan scan() {
    return visitor -> {
      for (RevisionRecord row : rows.values()) {
        if (!visitor.row(row)) {
          return;
        }
      }
    };
  }
}
