package io.lodestone.etcdfile.wal;

/** The types of WAL records; their numbers are on disk. */
final class RecordType {
  /** {@code etcdserverpb.Metadata}: which member of which cluster. */
  static final long METADATA = 1;

  /** {@code raftpb.Entry}. */
  static final long ENTRY = 2;

  /** {@code raftpb.HardState}. */
  static final long STATE = 3;

  /** No data; the chained checksum at the end of the file before. */
  static final long CRC = 4;

  /** {@code walpb.Snapshot}. */
  static final long SNAPSHOT = 5;

  private RecordType() {}
}
