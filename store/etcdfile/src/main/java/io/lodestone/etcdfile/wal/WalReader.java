package io.lodestone.etcdfile.wal;

import com.google.protobuf.InvalidProtocolBufferException;
import io.lodestone.api.CorruptDataException;
import io.lodestone.api.TruncatedDataException;
import io.lodestone.api.walpb.Record;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/**
 * Reads the records of a log over all its segments and checks the chained checksum.
 *
 * <p>What a crash may leave at the end of the last segment ends the log: a record cut short, or one
 * of which whole 512-byte sectors were never written and are zero. The same anywhere else, and any
 * other wrong checksum, is damage. Memory: one record. Confined to one thread.
 */
final class WalReader implements AutoCloseable {
  private static final int BUFFER_BYTES = 256 << 10;

  /**
   * etcd 3.4 refuses more than 10 MiB; anything above this is damage, and must not be allocated.
   */
  private static final int MAX_RECORD_BYTES = 64 << 20;

  private static final int SECTOR_BYTES = 512;
  private static final long LENGTH_MASK = (1L << WalWriter.PADDING_SHIFT) - 1;
  private static final int PADDING_MASK = 7;

  private final Iterator<Path> segments;
  private final ChainedCrc crc = new ChainedCrc(0);
  private Path segment;
  private InputStream in = InputStream.nullInputStream();
  private long size;
  private long offset;
  private long ordinal;
  private boolean ended;

  /**
   * @param segments in order, at least one
   */
  WalReader(List<Path> segments) throws IOException {
    this.segments = segments.iterator();
    openNextSegment();
  }

  /** The next record; empty at the end of the log. Checksum records are not shown. */
  Optional<WalRecord> next() throws IOException {
    while (!ended) {
      byte[] prefix = in.readNBytes(Long.BYTES);
      long length = prefix.length == Long.BYTES ? littleEndian(prefix) : 0;
      if (prefix.length > 0 && prefix.length < Long.BYTES) {
        endsTorn("a length field");
      } else if (length == 0) {
        endSegment();
      } else {
        Optional<WalRecord> record = readRecord(length);
        if (record.isPresent()) {
          return record;
        }
      }
    }
    return Optional.empty();
  }

  private Optional<WalRecord> readRecord(long lengthField) throws IOException {
    long length = lengthField & LENGTH_MASK;
    int padding =
        lengthField < 0 ? (int) (lengthField >>> WalWriter.PADDING_SHIFT) & PADDING_MASK : 0;
    long start = offset + Long.BYTES;
    if (length + padding > size - start) {
      endsTorn("a record of " + length + " bytes");
      return Optional.empty();
    }
    if (length > MAX_RECORD_BYTES) {
      throw corrupt("claims " + length + " bytes; no more than " + MAX_RECORD_BYTES + " are read");
    }
    byte[] frame = in.readNBytes((int) length + padding);
    Optional<Record> record = decode(frame, (int) length);
    if (record.isEmpty()) {
      if (!segments.hasNext() && hasUnwrittenSector(frame, start)) {
        endsTorn("a record with sectors that were never written");
        return Optional.empty();
      }
      throw corrupt("has a wrong checksum");
    }
    WalRecord result =
        new WalRecord(record.get().getType(), record.get().getData(), ordinal++, segment, offset);
    offset = start + frame.length;
    return record.get().getType() == RecordType.CRC ? Optional.empty() : Optional.of(result);
  }

  /** Empty where the bytes are not a record or its checksum is wrong. */
  private Optional<Record> decode(byte[] frame, int length) {
    try {
      Record record = Record.parser().parseFrom(frame, 0, length);
      if (record.getType() == RecordType.CRC) {
        return acceptChecksum(record) ? Optional.of(record) : Optional.empty();
      }
      crc.update(record.getData());
      return crc.value() == record.getCrc() ? Optional.of(record) : Optional.empty();
    } catch (InvalidProtocolBufferException e) {
      // Not a record: the caller tells a torn end from damage, as for a wrong checksum.
      return Optional.empty();
    }
  }

  /** The first checksum a reader meets gives the start of the chain. */
  private boolean acceptChecksum(Record record) {
    if (crc.value() != 0 && crc.value() != record.getCrc()) {
      return false;
    }
    crc.restart(record.getCrc());
    return true;
  }

  private static boolean hasUnwrittenSector(byte[] frame, long frameStart) {
    int from = 0;
    while (from < frame.length) {
      int rest = SECTOR_BYTES - (int) ((frameStart + from) % SECTOR_BYTES);
      int to = Math.min(frame.length, from + rest);
      if (isZero(frame, from, to)) {
        return true;
      }
      from = to;
    }
    return false;
  }

  private static boolean isZero(byte[] bytes, int from, int to) {
    for (int i = from; i < to; i++) {
      if (bytes[i] != 0) {
        return false;
      }
    }
    return true;
  }

  private void endSegment() throws IOException {
    if (segments.hasNext()) {
      openNextSegment();
    } else {
      ended = true;
    }
  }

  private void openNextSegment() throws IOException {
    in.close();
    segment = segments.next();
    size = Files.size(segment);
    in = new BufferedInputStream(Files.newInputStream(segment), BUFFER_BYTES);
    offset = 0;
  }

  private void endsTorn(String what) {
    if (segments.hasNext()) {
      throw new TruncatedDataException(
          segment + " ends at byte offset " + size + " within " + what + " that began at " + offset,
          "a later part of the log exists, so this one was cut after it was complete; use another"
              + " copy or another member's directory");
    }
    ended = true;
  }

  private CorruptDataException corrupt(String what) {
    return new CorruptDataException(
        segment + ": the record at byte offset " + offset + " " + what,
        "the log is damaged; use another copy or another member's directory");
  }

  private static long littleEndian(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong();
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
