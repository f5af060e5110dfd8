package io.lodestone.mvcc.rocks;

import io.lodestone.api.CorruptDataException;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.rocksdb.RocksDBException;
import org.rocksdb.Status;

/** What RocksDB's failures mean here. */
final class RocksFailures {
  private RocksFailures() {}

  static RuntimeException unchecked(String what, RocksDBException e) {
    return isCorruption(e) ? corrupt(what, e) : new UncheckedIOException(io(what, e));
  }

  /**
   * For failures of writes: damage is thrown, everything else returned; a full disk as a {@link
   * DiskFullException}.
   */
  static IOException checked(String what, RocksDBException e) {
    if (isCorruption(e)) {
      throw corrupt(what, e);
    }
    return io(what, e);
  }

  static boolean isCorruption(RocksDBException e) {
    return e.getStatus() != null && e.getStatus().getCode() == Status.Code.Corruption;
  }

  private static IOException io(String what, RocksDBException e) {
    String message = what + " failed: " + e.getMessage();
    return isFullDisk(e) ? new DiskFullException(message, e) : new IOException(message, e);
  }

  private static boolean isFullDisk(RocksDBException e) {
    return e.getStatus() != null && e.getStatus().getSubCode() == Status.SubCode.NoSpace;
  }

  private static CorruptDataException corrupt(String what, RocksDBException e) {
    return new CorruptDataException(
        what + " met damaged data: " + e.getMessage(),
        "check the disk; replace this data directory by a restore from a backup, or by another"
            + " member's data",
        e);
  }
}
