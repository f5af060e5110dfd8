package io.lodestone.repository;

import com.google.protobuf.ByteString;
import io.lodestone.api.KeyRange;
import io.lodestone.repository.chain.EntryLog;
import io.lodestone.repository.chain.KeyIndexes;
import io.lodestone.repository.format.EntryHeader;
import io.lodestone.repository.format.FrameReader;
import io.lodestone.repository.format.KeyIndexHeader.PartKeys;
import io.lodestone.repository.format.OpenedObject;
import io.lodestone.repository.format.PartFacts;
import io.lodestone.repository.objects.MissingObjectException;
import io.lodestone.revisions.RevisionRecord;
import io.lodestone.revisions.StreamItem;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * Finds the newest row of one key up to a revision, looking from the newest entry backwards, and
 * stops at the first it finds. Holds one object in memory. Confined to one thread.
 */
final class KeyLookup {
  private final EntryLog log;
  private final ByteString key;
  private final long revision;

  KeyLookup(EntryLog log, ByteString key, long revision) {
    this.log = log;
    this.key = key;
    this.revision = revision;
  }

  /** Looks through the entries from {@code lastSeq} down to {@code firstSeq}. */
  Optional<RevisionRecord> find(long firstSeq, long lastSeq) throws IOException {
    long seq = lastSeq;
    while (seq >= firstSeq) {
      OpenedObject<EntryHeader> entry = log.read(seq);
      try {
        Optional<RevisionRecord> found = find(entry);
        if (found.isPresent()) {
          return found;
        }
        seq = entry.header().firstSeq() - 1;
      } catch (MissingObjectException e) {
        // Merged meanwhile into a span, if it is there now: then that is looked through.
        if (log.read(seq).name().equals(entry.name())) {
          throw e;
        }
      }
    }
    return Optional.empty();
  }

  private Optional<RevisionRecord> find(OpenedObject<EntryHeader> entry) throws IOException {
    Optional<RevisionRecord> found = newest(entry.frames());
    List<PartFacts> parts = entry.header().parts();
    Optional<KeyIndexes> indexes = Optional.empty();
    for (int i = parts.size() - 1; i >= 0 && found.isEmpty(); i--) {
      if (indexes.isEmpty()) {
        indexes = Optional.of(KeyIndexes.of(log, parts.get(i).set()));
      }
      if (mayContain(indexes.get(), parts.get(i))) {
        found = newest(log.read(parts.get(i)).frames());
      }
    }
    return found;
  }

  private boolean mayContain(KeyIndexes indexes, PartFacts part) throws IOException {
    Optional<PartKeys> known = indexes.of(part.number());
    boolean later = known.filter(keys -> keys.firstRevision() > revision).isPresent();
    return !later && indexes.mayContain(part.number(), KeyRange.single(key));
  }

  private Optional<RevisionRecord> newest(FrameReader frames) {
    Optional<RevisionRecord> newest = Optional.empty();
    try (frames) {
      for (Optional<StreamItem> i = frames.next(); i.isPresent(); i = frames.next()) {
        if (i.get() instanceof RevisionRecord row
            && row.main() <= revision
            && row.key().equals(key)) {
          newest = Optional.of(row);
        }
      }
    }
    return newest;
  }
}
