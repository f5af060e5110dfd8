package io.lodestone.backup.daemon;

import com.google.common.util.concurrent.RateLimiter;
import com.google.protobuf.ByteString;
import io.lodestone.repository.objects.ForwardingStore;
import io.lodestone.repository.objects.ObjectStore;
import java.io.IOException;

/**
 * A store into which objects are created at a limited rate, on average: each object waits for those
 * before it. Signs of life, which overwrite, never wait. Thread-safe.
 */
final class PacedStore extends ForwardingStore {
  private final RateLimiter bytes;

  /**
   * @param bytes to be had each second; may be shared by several stores
   */
  PacedStore(ObjectStore store, RateLimiter bytes) {
    super(store);
    this.bytes = bytes;
  }

  @Override
  public boolean create(String name, ByteString content) throws IOException {
    double unused = bytes.acquire(Math.max(1, content.size()));
    return super.create(name, content);
  }
}
