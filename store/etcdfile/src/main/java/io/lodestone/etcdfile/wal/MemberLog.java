package io.lodestone.etcdfile.wal;

import io.lodestone.api.CorruptDataException;
import io.lodestone.api.LodestoneException;
import io.lodestone.api.TruncatedDataException;
import io.lodestone.api.etcdserverpb.Metadata;
import io.lodestone.etcdfile.wal.LogSurvey.SnapshotId;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The raft log of a stopped member, read as etcd reads it at boot: the newest .snap file that the
 * WAL confirms is where it starts; entries behind it count up to the commit index. Immutable.
 */
public final class MemberLog {
  private final List<Path> segments;
  private final LogSurvey survey;
  private final long snapshotIndex;

  private MemberLog(List<Path> segments, LogSurvey survey, long snapshotIndex) {
    this.segments = segments;
    this.survey = survey;
    this.snapshotIndex = snapshotIndex;
  }

  /** Reads the log once. Fails where a record is damaged, or entries are missing that it needs. */
  public static MemberLog read(Path snapDirectory, Path walDirectory) throws IOException {
    List<Path> segments = LogFiles.segments(walDirectory);
    List<SnapFile> snapshots = LogFiles.snapshots(snapDirectory);
    LogSurvey survey = new LogSurvey(LogFiles.ids(snapshots));
    try (WalReader reader = new WalReader(segments)) {
      for (Optional<WalRecord> record = reader.next(); record.isPresent(); record = reader.next()) {
        survey.accept(record.get());
      }
    }
    if (survey.metadata().isEmpty()) {
      throw new TruncatedDataException(
          walDirectory + " holds a log without its first record",
          "the member never started completely, or the copy was cut; use another member's");
    }
    MemberLog log = new MemberLog(segments, survey, newestConfirmed(snapshots, survey));
    log.requireUnbroken(walDirectory);
    return log;
  }

  private static long newestConfirmed(List<SnapFile> newestFirst, LogSurvey survey)
      throws IOException {
    for (SnapFile file : newestFirst) {
      SnapshotId id = file.id();
      if (survey.confirms(id) && file.isIntact()) {
        return id.index();
      }
    }
    return 0;
  }

  private void requireUnbroken(Path walDirectory) {
    if (survey.lastIndex() > snapshotIndex && survey.unbrokenFrom() > snapshotIndex + 1) {
      throw new CorruptDataException(
          walDirectory
              + ": entries "
              + (snapshotIndex + 1)
              + " to "
              + (survey.unbrokenFrom() - 1)
              + " are missing behind the raft snapshot",
          "a WAL or .snap file is missing; copy the whole directory, or use another member's");
    }
  }

  public long memberId() {
    return survey.metadata().map(Metadata::getNodeID).orElse(0L);
  }

  public long clusterId() {
    return survey.metadata().map(Metadata::getClusterID).orElse(0L);
  }

  /** Everything up to this index is in the database; 0 without a raft snapshot. */
  public long snapshotIndex() {
    return snapshotIndex;
  }

  /** The last index that the member knew to be committed. */
  public long commitIndex() {
    return survey.commit();
  }

  /** The last index in the log; entries above {@link #commitIndex} may or may not be committed. */
  public long lastIndex() {
    return Math.max(survey.lastIndex(), snapshotIndex);
  }

  /**
   * The entries with indexes in {@code (after, upTo]}, without a gap. Fails where the log does not
   * reach that far back or forward.
   */
  public LogEntries entries(long after, long upTo) throws IOException {
    if (upTo > after && (survey.unbrokenFrom() > after + 1 || survey.lastIndex() < upTo)) {
      throw new LodestoneException(
          "the log of "
              + segments.get(0).getParent()
              + " has entries "
              + survey.unbrokenFrom()
              + " to "
              + survey.lastIndex()
              + "; needed are "
              + (after + 1)
              + " to "
              + upTo,
          "database and log do not belong together, or the log lost its end; use another member's");
    }
    return new LogEntries(new WalReader(segments), survey, after, upTo);
  }
}
