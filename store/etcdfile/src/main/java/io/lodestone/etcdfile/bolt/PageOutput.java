package io.lodestone.etcdfile.bolt;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Appends bytes to a target through one buffer. Confined to one thread. */
final class PageOutput {
  private final Target target;
  private final ByteBuffer buffer;
  private long flushed;

  /** Where bytes go. */
  @FunctionalInterface
  interface Target {
    void writeAt(ByteBuffer bytes, long position) throws IOException;
  }

  private static final byte[] ZEROS = new byte[4096];

  /** Begins at byte {@code start} of the target; {@code buffer} holds at least one. */
  PageOutput(Target target, long start, ByteBuffer buffer) {
    this.target = target;
    this.flushed = start;
    this.buffer = buffer;
  }

  /** Where the next byte goes in the target. */
  long position() {
    return flushed + buffer.position();
  }

  void put(byte[] bytes, int length) throws IOException {
    for (int from = 0; from < length; ) {
      int piece = Math.min(length - from, room());
      buffer.put(bytes, from, piece);
      from += piece;
    }
  }

  void put(ByteString bytes) throws IOException {
    if (bytes.size() <= buffer.remaining()) {
      bytes.copyTo(buffer);
      return;
    }
    for (int from = 0; from < bytes.size(); ) {
      int length = Math.min(bytes.size() - from, room());
      bytes.substring(from, from + length).copyTo(buffer);
      from += length;
    }
  }

  /** Writes zeros up to the next multiple of {@code pageSize}. */
  void padTo(int pageSize) throws IOException {
    long missing = (pageSize - position() % pageSize) % pageSize;
    while (missing > 0) {
      int length = (int) Math.min(missing, ZEROS.length);
      put(ZEROS, length);
      missing -= length;
    }
  }

  void flush() throws IOException {
    int length = buffer.flip().remaining();
    target.writeAt(buffer, flushed);
    flushed += length;
    buffer.clear();
  }

  /** How many bytes can be put at once: at least one. */
  private int room() throws IOException {
    if (!buffer.hasRemaining()) {
      flush();
    }
    return buffer.remaining();
  }
}
