package io.lodestone.repository.objects;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.atomic.LongAdder;

/** A store that counts the bytes that are read from it. Thread-safe. */
public final class CountedReads extends ForwardingStore {
  private final LongAdder bytes = new LongAdder();

  public CountedReads(ObjectStore store) {
    super(store);
  }

  /** What has arrived so far. */
  public long bytes() {
    return bytes.sum();
  }

  @Override
  public InputStream read(String name, long offset, long length) throws IOException {
    return new FilterInputStream(super.read(name, offset, length)) {
      @Override
      public int read() throws IOException {
        int value = in.read();
        bytes.add(value < 0 ? 0 : 1);
        return value;
      }

      @Override
      public int read(byte[] target, int from, int count) throws IOException {
        int read = in.read(target, from, count);
        bytes.add(Math.max(read, 0));
        return read;
      }
    };
  }
}
