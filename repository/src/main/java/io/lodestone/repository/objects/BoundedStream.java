package io.lodestone.repository.objects;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/**
 * At most the first {@code remaining} bytes of a stream, read in small pieces: for a large one the
 * JDK takes as much memory outside the heap, for each thread, and keeps it. Confined to one thread.
 */
final class BoundedStream extends FilterInputStream {
  static final int PIECE_BYTES = 64 << 10;

  private long remaining;

  BoundedStream(InputStream in, long remaining) {
    super(in);
    this.remaining = remaining;
  }

  @Override
  public int read() throws IOException {
    if (remaining <= 0) {
      return -1;
    }
    int value = in.read();
    remaining--;
    return value;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    if (remaining <= 0) {
      return -1;
    }
    int piece = Math.min(length, PIECE_BYTES);
    int count = in.read(target, offset, (int) Math.min(piece, remaining));
    remaining -= Math.max(count, 0);
    return count;
  }

  @Override
  public long skip(long count) throws IOException {
    long skipped = in.skip(Math.min(count, remaining));
    remaining -= skipped;
    return skipped;
  }

  @Override
  public int available() throws IOException {
    return (int) Math.min(in.available(), remaining);
  }

  @Override
  public boolean markSupported() {
    return false;
  }
}
