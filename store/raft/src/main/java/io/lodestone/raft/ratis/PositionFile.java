package io.lodestone.raft.ratis;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * A position on disk, of which the state on disk is never short: docs/formats/raft.md. Confined to
 * the thread that applies, or guarded by the same lock.
 */
final class PositionFile {
  private static final int MAGIC = 0x4c52_504f;
  private static final int VERSION = 1;
  private static final int CONTENT_BYTES = 2 * Integer.BYTES + 3 * Long.BYTES;
  private static final int SIZE_BYTES = CONTENT_BYTES + Integer.BYTES;

  private final Path file;

  PositionFile(Path file) {
    this.file = file;
  }

  /** Empty where there is none yet. */
  Optional<Position> read() throws IOException {
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    return Optional.of(decode(Files.readAllBytes(file)));
  }

  private Position decode(byte[] bytes) throws IOException {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    if (bytes.length < 2 * Integer.BYTES || in.getInt() != MAGIC) {
      throw new IOException(file + " is not a position in a log");
    }
    int version = in.getInt();
    if (version != VERSION) {
      throw new IOException(file + " is of version " + version + ", newer than this program");
    }
    if (bytes.length != SIZE_BYTES || crc(bytes) != in.getInt(CONTENT_BYTES)) {
      throw new IOException(file + " is damaged");
    }
    return new Position(in.getLong(), in.getLong(), in.getLong());
  }

  /** When this returns, {@code position} is on disk. */
  void write(Position position) throws IOException {
    ByteBuffer out = ByteBuffer.allocate(SIZE_BYTES).putInt(MAGIC).putInt(VERSION);
    out.putLong(position.term()).putLong(position.index()).putLong(position.commands());
    out.putInt(crc(out.array())).flip();
    Path temporary = file.resolveSibling(file.getFileName() + ".tmp");
    try (FileChannel channel =
        FileChannel.open(
            temporary,
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.TRUNCATE_EXISTING)) {
      while (out.hasRemaining()) {
        channel.write(out);
      }
      channel.force(true);
    }
    Files.move(
        temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    Directories.sync(file.getParent());
  }

  private static int crc(byte[] bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, 0, CONTENT_BYTES);
    return (int) crc.getValue();
  }
}
