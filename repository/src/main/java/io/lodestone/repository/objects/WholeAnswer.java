package io.lodestone.repository.objects;

import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/**
 * The body of an answer whose length is known. A connection that ends before it does is a failure,
 * not the end of the object; some HTTP clients do not tell them apart. Confined to one thread.
 */
final class WholeAnswer extends FilterInputStream {
  private long remaining;

  WholeAnswer(InputStream in, long length) {
    super(in);
    this.remaining = length;
  }

  /** Of an answer that broke off before it told its length. */
  static InputStream withoutLength() {
    return new WholeAnswer(InputStream.nullInputStream(), 1);
  }

  @Override
  public int read() throws IOException {
    int value = in.read();
    count(value < 0 ? -1 : 1);
    return value;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    int count = in.read(target, offset, length);
    count(count);
    return count;
  }

  private void count(int arrived) throws IOException {
    if (arrived < 0 && remaining > 0) {
      throw new EOFException("the connection ended before the answer did");
    }
    remaining -= Math.max(arrived, 0);
  }

  @Override
  public long skip(long count) throws IOException {
    long skipped = in.skip(count);
    remaining -= skipped;
    return skipped;
  }

  @Override
  public boolean markSupported() {
    return false;
  }
}
