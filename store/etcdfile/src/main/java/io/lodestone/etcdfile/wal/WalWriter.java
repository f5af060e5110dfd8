package io.lodestone.etcdfile.wal;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import io.lodestone.api.walpb.Record;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Frames records into one WAL file.
 *
 * <pre>{@code
 * length u64 LE | walpb.Record | zeros up to a multiple of 8
 * length: low 56 bits = bytes of the record; if p > 0 bytes of padding follow, the top byte is 0x80 | p
 * }</pre>
 *
 * A record's {@code crc} is CRC-32C over the data of all records so far. Confined to one thread.
 */
final class WalWriter {
  static final int ALIGNMENT = 8;
  static final int PADDING_SHIFT = 56;

  private final OutputStream out;
  private final ChainedCrc crc = new ChainedCrc(0);

  /** The first file of a log: its checksum starts at 0. */
  WalWriter(OutputStream out) throws IOException {
    this.out = out;
    frame(Record.newBuilder().setType(RecordType.CRC).setCrc(0).build());
  }

  void write(long type, MessageLite message) throws IOException {
    ByteString data = message.toByteString();
    crc.update(data);
    frame(Record.newBuilder().setType(type).setCrc(crc.value()).setData(data).build());
  }

  private void frame(Record record) throws IOException {
    byte[] bytes = record.toByteArray();
    int padding = (ALIGNMENT - bytes.length % ALIGNMENT) % ALIGNMENT;
    long length = bytes.length;
    if (padding > 0) {
      length |= (0x80L | padding) << PADDING_SHIFT;
    }
    ByteBuffer prefix = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    out.write(prefix.putLong(length).array());
    out.write(bytes);
    out.write(new byte[padding]);
  }
}
