package io.lodestone.raft.ratis;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.CRC32C;

/**
 * A directory as a sequence of messages: its position in the log, then of every file its name and
 * its content in pieces, then a checksum of all of it. Confined to one thread.
 */
final class CheckpointWriter {
  static final byte POSITION = 1;
  static final byte FILE = 2;
  static final byte PIECE = 3;
  static final byte END = 4;

  private static final int PIECE_BYTES = 1 << 20;

  /** Takes messages; may block until there is room. */
  interface Messages {
    void send(byte[] message) throws IOException;
  }

  private final Messages messages;
  private final CRC32C crc = new CRC32C();

  CheckpointWriter(Messages messages) {
    this.messages = messages;
  }

  void write(Position position, Path directory) throws IOException {
    ByteBuffer head = ByteBuffer.allocate(1 + 3 * Long.BYTES).put(POSITION);
    head.putLong(position.term()).putLong(position.index()).putLong(position.commands());
    send(head.array());
    for (Path file : files(directory)) {
      write(directory.relativize(file), file);
    }
    messages.send(ByteBuffer.allocate(1 + Long.BYTES).put(END).putLong(crc.getValue()).array());
  }

  private static List<Path> files(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      return files.filter(Files::isRegularFile).sorted().toList();
    }
  }

  private void write(Path name, Path file) throws IOException {
    byte[] bytes = name.toString().getBytes(StandardCharsets.UTF_8);
    send(ByteBuffer.allocate(1 + bytes.length).put(FILE).put(bytes).array());
    try (InputStream in = Files.newInputStream(file)) {
      byte[] piece = in.readNBytes(PIECE_BYTES);
      while (piece.length > 0) {
        send(ByteBuffer.allocate(1 + piece.length).put(PIECE).put(piece).array());
        piece = in.readNBytes(PIECE_BYTES);
      }
    }
  }

  private void send(byte[] message) throws IOException {
    crc.update(message);
    messages.send(message);
  }
}
