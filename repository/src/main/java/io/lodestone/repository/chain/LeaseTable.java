package io.lodestone.repository.chain;

import io.lodestone.api.LeaseId;
import io.lodestone.repository.format.EntryHeader;
import io.lodestone.repository.format.EntryHeader.Kind;
import io.lodestone.repository.format.LeaseTrail;
import io.lodestone.repository.format.LeaseTrail.LeaseFacts;
import io.lodestone.repository.format.OpenedObject;
import io.lodestone.revisions.RevisionRecord;
import io.lodestone.revisions.StreamItem;
import io.lodestone.revisions.StreamItem.LeaseGone;
import io.lodestone.revisions.StreamItem.LeaseState;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The live leases at some point of a history, kept up item by item. Confined to one thread. */
public final class LeaseTable {
  private static final int TRAIL_LIMIT = 64;
  private static final int TABLE_LIMIT = 50_000;

  private final TreeMap<LeaseId, LeaseState> live = new TreeMap<>();
  private LeaseTrail trail = LeaseTrail.NONE;
  private boolean changed;

  /** The leases behind the entry whose header is given; reads a bounded number of entries. */
  public static LeaseTable load(EntryLog log, EntryHeader last) throws IOException {
    LeaseTable table = new LeaseTable();
    LeaseTrail trail = last.leases();
    if (trail.checkpointSeq() > 0) {
      long known = table.loadCheckpoint(log, log.read(trail.checkpointSeq()));
      for (long seq : trail.changedSeqs()) {
        known = seq > known ? table.replay(log, log.read(seq)) : known;
      }
    }
    table.trail = new LeaseTrail(trail.checkpointSeq(), trail.changedSeqs(), Optional.empty());
    table.changed = false;
    return table;
  }

  /**
   * Takes the leases behind an entry, or behind the span that stands for it: the table in a span is
   * that of the last checkpoint within, and all its items on top of it lead to its end.
   */
  private long loadCheckpoint(EntryLog log, OpenedObject<EntryHeader> entry) throws IOException {
    EntryHeader header = entry.header();
    if (header.kind() == Kind.BASE) {
      return replay(log, entry);
    }
    List<LeaseFacts> table =
        header
            .leases()
            .table()
            .orElseThrow(() -> entry.badHeader("it must hold the table of leases and does not"));
    table.forEach(lease -> take(state(lease)));
    return header.span().isPresent() ? replay(log, entry) : header.seq();
  }

  /**
   * Takes the lease items of an entry; those of a base all come before its first record. Returns
   * the seq behind which the table then is.
   */
  private long replay(EntryLog log, OpenedObject<EntryHeader> entry) throws IOException {
    boolean base = entry.header().kind() == Kind.BASE;
    try (ContentStream content = new ContentStream(log, entry)) {
      Optional<StreamItem> item = content.next();
      while (item.isPresent() && !(base && item.get() instanceof RevisionRecord)) {
        take(item.get());
        item = content.next();
      }
    }
    return entry.header().seq();
  }

  /** Takes any item; only those of leases make a difference. */
  public void take(StreamItem item) {
    if (item instanceof LeaseState lease) {
      live.put(lease.id(), lease);
      changed = true;
    } else if (item instanceof LeaseGone gone) {
      live.remove(gone.id());
      changed = true;
    }
  }

  /** A base begins: what was known before is void. */
  public void clear() {
    live.clear();
  }

  public Map<LeaseId, LeaseState> live() {
    return Map.copyOf(live);
  }

  /** The trail as it stands. */
  public LeaseTrail trail() {
    return trail;
  }

  /** The trail for the header of the BASE {@code seq}, whose items were taken. */
  public LeaseTrail atBase(long seq) {
    trail = new LeaseTrail(seq, List.of(), Optional.empty());
    changed = false;
    return trail;
  }

  /** The trail for the header of the SEGMENT {@code seq}, whose items were taken. */
  public LeaseTrail atSegment(long seq) {
    if (!changed) {
      return trail;
    }
    changed = false;
    List<Long> changes = new ArrayList<>(trail.changedSeqs());
    changes.add(seq);
    trail = new LeaseTrail(trail.checkpointSeq(), changes, Optional.empty());
    if (changes.size() < TRAIL_LIMIT || live.size() > TABLE_LIMIT) {
      return trail;
    }
    trail = new LeaseTrail(seq, List.of(), Optional.empty());
    return new LeaseTrail(seq, List.of(), Optional.of(facts()));
  }

  private List<LeaseFacts> facts() {
    return live.values().stream()
        .map(
            lease ->
                new LeaseFacts(
                    Long.toHexString(lease.id().value()),
                    lease.grantedTtlSeconds(),
                    lease.remainingTtlSeconds()))
        .toList();
  }

  private static LeaseState state(LeaseFacts lease) {
    return new LeaseState(
        new LeaseId(Long.parseUnsignedLong(lease.id(), 16)), lease.granted(), lease.remaining());
  }
}
