package io.lodestone.repository;

import com.google.protobuf.ByteString;
import io.lodestone.repository.chain.WriterNote;
import io.lodestone.revisions.Origin;
import io.lodestone.revisions.StreamItem.Reason;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What a repository holds, as far as headers tell. Immutable.
 *
 * @param location without credentials
 */
public record Description(String location, List<LineageDescription> lineages) {
  public Description {
    lineages = List.copyOf(lineages);
  }

  /**
   * One lineage.
   *
   * @param prefix what all keys begin with, where no others are kept
   * @param ranges what can be restored, ascending
   * @param gaps the revisions between the ranges, which were never captured
   * @param expired the revisions between the ranges that retention has deleted
   * @param writer who wrote last, as it said itself
   * @param successor the lineage that carries on, if this one has ended
   * @param objects number of its objects
   * @param storedBytes their size
   */
  public record LineageDescription(
      Lineage lineage,
      Optional<ByteString> prefix,
      List<Range> ranges,
      List<Gap> gaps,
      List<Expired> expired,
      List<BaseDescription> bases,
      Optional<WriterNote> writer,
      Optional<String> successor,
      long lastSeq,
      long objects,
      long storedBytes) {
    public LineageDescription {
      ranges = List.copyOf(ranges);
      gaps = List.copyOf(gaps);
      expired = List.copyOf(expired);
      bases = List.copyOf(bases);
    }
  }

  /**
   * Every revision in [firstRevision, lastRevision] can be restored; by time, every moment from
   * {@code from} on.
   */
  public record Range(long firstRevision, long lastRevision, Instant from, Instant to) {}

  /** The revisions [firstRevision, lastRevision] were kept no longer. */
  public record Expired(long firstRevision, long lastRevision, Instant after, Instant before) {}

  /** The revisions [firstRevision, lastRevision] were compacted away before they were captured. */
  public record Gap(long firstRevision, long lastRevision, Instant after, Instant before) {}

  /**
   * One base.
   *
   * @param compactRevision -1 if the cluster had never compacted
   */
  public record BaseDescription(
      long seq,
      long revision,
      long compactRevision,
      Origin origin,
      Instant capturedAt,
      Reason reason,
      int parts,
      long storedBytes) {}
}
