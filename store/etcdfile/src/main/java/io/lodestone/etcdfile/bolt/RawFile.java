package io.lodestone.etcdfile.bolt;

import io.lodestone.api.TruncatedDataException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A file read at positions, never mapped: a map would count as resident memory. Thread-safe; its
 * string form is the file's name, for messages.
 */
final class RawFile implements AutoCloseable {
  private final Path path;
  private final FileChannel channel;
  private final long size;

  private RawFile(Path path, FileChannel channel, long size) {
    this.path = path;
    this.channel = channel;
    this.size = size;
  }

  static RawFile open(Path path) throws IOException {
    FileChannel channel = FileChannel.open(path, StandardOpenOption.READ);
    try {
      return new RawFile(path, channel, channel.size());
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  /** The size in bytes when the file was opened. */
  long size() {
    return size;
  }

  /**
   * Reads {@code length} bytes into a fresh array, which the caller may share in slices. The caller
   * has checked the range against {@link #size}.
   */
  byte[] read(long offset, int length) throws IOException {
    byte[] bytes = new byte[length];
    fill(ByteBuffer.wrap(bytes), offset);
    return bytes;
  }

  void fill(ByteBuffer target, long offset) throws IOException {
    long at = offset;
    while (target.hasRemaining()) {
      int read = channel.read(target, at);
      if (read < 0) {
        throw new TruncatedDataException(
            this + " ends at byte " + at + "; it was longer when it was opened",
            "something changes the file: stop etcd first, or work on a copy");
      }
      at += read;
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }

  @Override
  public String toString() {
    return path.toString();
  }
}
