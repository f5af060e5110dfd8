package io.lodestone.repository;

import com.google.protobuf.ByteString;
import io.lodestone.repository.History.Stretch;
import io.lodestone.repository.chain.Creation;
import io.lodestone.repository.chain.EntryLog;
import io.lodestone.repository.format.HeaderJson;
import io.lodestone.repository.objects.MissingObjectException;
import io.lodestone.repository.objects.StoredObject;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** The hashes that the source of one lineage gave of itself, an object each. */
final class SourceHashes {
  private static final int MAX_BYTES = 4 << 10;

  /** Where none of the newest can be compared, older ones are not looked for without end. */
  private static final int MOST_TRIED = 64;

  private final EntryLog log;

  SourceHashes(EntryLog log) {
    this.log = log;
  }

  /** Durable when this returns; the first hash of a revision stays. */
  void keep(SourceHash hash) throws IOException {
    boolean unused =
        Creation.create(
            log.store(), log.names().sourceHash(hash.revision()), HeaderJson.write(hash));
  }

  /** The revisions that have one, ascending. */
  List<Long> revisions() throws IOException {
    String directory = log.names().sourceHashes();
    List<Long> revisions = new ArrayList<>();
    Iterator<StoredObject> listed = log.store().list(directory, "");
    while (listed.hasNext()) {
      OptionalLong revision = log.names().numberOf(directory, listed.next().name());
      revision.ifPresent(revisions::add);
    }
    return revisions;
  }

  /** Empty where the source was not asked for that revision. */
  Optional<SourceHash> of(long revision) throws IOException {
    String name = log.names().sourceHash(revision);
    try (InputStream in = log.store().read(name, 0, MAX_BYTES)) {
      return Optional.of(HeaderJson.read(SourceHash.class, name, ByteString.readFrom(in)));
    } catch (MissingObjectException e) {
      return Optional.empty();
    }
  }

  /** The newest one that what {@code history} holds can be compared with; of the newest 64. */
  Optional<SourceHash> newestComparable(History history) throws IOException {
    List<Long> revisions = revisions();
    int oldest = Math.max(revisions.size() - MOST_TRIED, 0);
    for (int i = revisions.size() - 1; i >= oldest; i--) {
      Optional<SourceHash> hash = of(revisions.get(i)).filter(one -> isComparable(history, one));
      if (hash.isPresent()) {
        return hash;
      }
    }
    return Optional.empty();
  }

  /**
   * False where the revision cannot be restored, or from a base only that is compacted further than
   * the source was when it gave the hash.
   */
  static boolean isComparable(History history, SourceHash hash) {
    return isCovered(history, hash.revision())
        && history.covering(hash.revision()).base().standing().compactScheduled()
            <= hash.compactRevision();
  }

  private static boolean isCovered(History history, long revision) {
    return history.stretches().stream().anyMatch(stretch -> stretch.covers(revision));
  }

  /** Deletes those of revisions that can no longer be restored. */
  void dropExpired(History history) throws IOException {
    long end = history.newest().map(Stretch::end).map(last -> last.revision()).orElse(0L);
    for (long revision : revisions()) {
      if (revision <= end && !isCovered(history, revision)) {
        log.store().delete(log.names().sourceHash(revision));
      }
    }
  }
}
