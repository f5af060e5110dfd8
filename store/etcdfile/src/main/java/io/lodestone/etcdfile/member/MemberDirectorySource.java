package io.lodestone.etcdfile.member;

import io.lodestone.api.CorruptDataException;
import io.lodestone.api.LodestoneException;
import io.lodestone.etcdfile.db.EtcdDatabase;
import io.lodestone.etcdfile.replay.LogTail;
import io.lodestone.etcdfile.wal.MemberLog;
import io.lodestone.revisions.Origin;
import io.lodestone.revisions.RevisionSource;
import io.lodestone.revisions.RevisionStream;
import io.lodestone.revisions.StreamItem.BaseStart;
import io.lodestone.revisions.StreamItem.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The data directory of a stopped etcd member, as a source: its database is the base, the entries
 * of its raft log that the database does not have yet are the tail.
 *
 * <p>Nothing is written to the directory. etcd must not run on it; a file-by-file copy of a running
 * member's directory may be inconsistent, which is noticed as damage at best. Times: the base's is
 * that of the database file, a revision's that of the WAL file which holds it, both as last
 * modified. Users, roles, alarms and members are told in the base as they are behind the last
 * entry. Thread-safe.
 */
public final class MemberDirectorySource implements RevisionSource {
  private final Path snapDirectory;
  private final Path walDirectory;
  private final LogEnd end;

  /** Reads what is known to be committed. */
  public MemberDirectorySource(Path dataDir) {
    this(dataDir, LogEnd.COMMITTED);
  }

  public MemberDirectorySource(Path dataDir, LogEnd end) {
    this(dataDir, dataDir.resolve("member").resolve("wal"), end);
  }

  /** For members that run with {@code --wal-dir}. */
  public MemberDirectorySource(Path dataDir, Path walDirectory, LogEnd end) {
    this.snapDirectory = dataDir.resolve("member").resolve("snap");
    this.walDirectory = walDirectory;
    this.end = end;
  }

  @Override
  public RevisionStream openAtBase(Reason reason) throws IOException {
    MemberLog log = MemberLog.read(snapDirectory, walDirectory);
    Path path = database(log);
    EtcdDatabase database = EtcdDatabase.open(path);
    try {
      LogTail tail = LogTail.open(database, log, end.index(log));
      Origin origin = new Origin(log.clusterId(), log.memberId(), "");
      BaseStart start = new BaseStart(origin, Files.getLastModifiedTime(path).toInstant(), reason);
      return new MemberDirectoryStream(database, start, tail);
    } catch (IOException | RuntimeException e) {
      database.close();
      throw e;
    }
  }

  /** A directory knows no history before its base: this is a base again. */
  @Override
  public RevisionStream openAfter(long revision) throws IOException {
    return openAtBase(Reason.INITIAL);
  }

  /**
   * A member that was sent a database by its leader and stopped before it could move it in place
   * has it beside the old one.
   */
  private Path database(MemberLog log) throws IOException {
    Path database = snapDirectory.resolve("db");
    Path received = snapDirectory.resolve(String.format("%016x.snap.db", log.snapshotIndex()));
    if (Files.exists(database) && isUpToDate(database, log)) {
      return database;
    }
    if (Files.exists(received)) {
      return received;
    }
    if (!Files.exists(database)) {
      throw new LodestoneException(
          database + " does not exist", "name the data directory of an etcd member");
    }
    throw new CorruptDataException(
        database
            + " is older than the raft snapshot at index "
            + log.snapshotIndex()
            + ", and "
            + received.getFileName()
            + " is not there",
        "copy the whole directory, or use another member's");
  }

  private static boolean isUpToDate(Path path, MemberLog log) throws IOException {
    try (EtcdDatabase database = EtcdDatabase.open(path)) {
      return database.consistentIndex() >= log.snapshotIndex();
    }
  }
}
