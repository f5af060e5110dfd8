package io.lodestone.raft.ratis;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Set;
import java.util.zip.CRC32C;

/** Makes a directory of what {@link CheckpointWriter} wrote. Confined to one thread. */
final class CheckpointReader {
  private final Path directory;
  private final Set<Path> directories = new HashSet<>();
  private final CRC32C crc = new CRC32C();

  /** {@code directory} does not exist yet. */
  CheckpointReader(Path directory) {
    this.directory = directory;
  }

  /** When this returns, the directory is complete and on disk. */
  Position read(Iterator<byte[]> messages) throws IOException {
    create(directory);
    ByteBuffer message = next(messages);
    expect(message, CheckpointWriter.POSITION);
    Position position = new Position(message.getLong(), message.getLong(), message.getLong());
    message = next(messages);
    while (message.get() == CheckpointWriter.FILE) {
      message = file(name(message), messages);
    }
    message.rewind();
    expect(message, CheckpointWriter.END);
    for (Path made : directories) {
      Directories.sync(made);
    }
    return position;
  }

  private ByteBuffer next(Iterator<byte[]> messages) throws IOException {
    if (!messages.hasNext()) {
      throw new IOException("the checkpoint ends too soon");
    }
    byte[] message = messages.next();
    ByteBuffer buffer = ByteBuffer.wrap(message);
    if (message.length == 0) {
      throw new IOException("an empty message in a checkpoint");
    }
    if (message[0] != CheckpointWriter.END) {
      crc.update(message);
    } else if (message.length != 1 + Long.BYTES || buffer.getLong(1) != crc.getValue()) {
      throw new IOException("the checkpoint was damaged on its way");
    }
    return buffer;
  }

  private static void expect(ByteBuffer message, byte kind) throws IOException {
    byte found = message.get();
    if (found != kind) {
      throw new IOException("a message of kind " + found + " in a checkpoint, not " + kind);
    }
  }

  private Path name(ByteBuffer message) throws IOException {
    Path file = directory.resolve(StandardCharsets.UTF_8.decode(message).toString()).normalize();
    if (!file.startsWith(directory) || file.equals(directory)) {
      throw new IOException("a checkpoint names a file outside of itself: " + file);
    }
    create(file.getParent());
    return file;
  }

  private void create(Path path) throws IOException {
    Files.createDirectories(path);
    for (Path made = path; made.startsWith(directory); made = made.getParent()) {
      directories.add(made);
    }
  }

  /** Returns the message behind the file. */
  private ByteBuffer file(Path file, Iterator<byte[]> messages) throws IOException {
    try (FileChannel out =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      ByteBuffer message = next(messages);
      while (message.get() == CheckpointWriter.PIECE) {
        while (message.hasRemaining()) {
          out.write(message);
        }
        message = next(messages);
      }
      message.rewind();
      out.force(true);
      return message;
    }
  }
}
