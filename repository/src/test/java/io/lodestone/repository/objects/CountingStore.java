package io.lodestone.repository.objects;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** A store that remembers what was read of it. For one thread. */
public final class CountingStore extends ForwardingStore {
  private final List<String> reads = new ArrayList<>();
  private final AtomicLong bytes = new AtomicLong();

  public CountingStore(ObjectStore store) {
    super(store);
  }

  /** The objects read since the last call, one for each request. */
  public List<String> takeReads() {
    List<String> taken = List.copyOf(reads);
    reads.clear();
    return taken;
  }

  /** Bytes read since the last call. */
  public long takeBytes() {
    return bytes.getAndSet(0);
  }

  @Override
  public InputStream read(String name, long offset, long length) throws IOException {
    reads.add(name);
    return new FilterInputStream(super.read(name, offset, length)) {
      @Override
      public int read() throws IOException {
        int next = super.read();
        bytes.addAndGet(next < 0 ? 0 : 1);
        return next;
      }

      @Override
      public int read(byte[] target, int from, int most) throws IOException {
        int count = super.read(target, from, most);
        bytes.addAndGet(Math.max(count, 0));
        return count;
      }
    };
  }
}
