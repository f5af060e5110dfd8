package io.lodestone.migrate;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.util.concurrent.RateLimiter;
import io.lodestone.api.ErrorCode;
import io.lodestone.api.StoreException;
import io.lodestone.client.EtcdConnection;
import io.lodestone.client.UnavailableException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** A client that writes on and on and remembers what was acknowledged to it. */
final class Acknowledged implements AutoCloseable {
  private static final int KEYS = 40;
  private static final double WRITES_PER_SECOND = 60;

  private final EtcdConnection cluster;
  private final Map<String, Long> values = new ConcurrentHashMap<>();
  private final AtomicLong writes = new AtomicLong();
  private final RateLimiter pace = RateLimiter.create(WRITES_PER_SECOND);
  private final Thread thread = new Thread(this::write, "acknowledged");
  private volatile boolean stopped;

  private Acknowledged(EtcdConnection cluster) {
    this.cluster = cluster;
  }

  static Acknowledged start(EtcdConnection cluster) {
    Acknowledged writer = new Acknowledged(cluster);
    writer.thread.start();
    return writer;
  }

  long writes() {
    return writes.get();
  }

  private void write() {
    for (long value = 1; !stopped; value++) {
      String key = "acknowledged/" + value % KEYS;
      try {
        Move.put(cluster, key, Long.toString(value));
        values.put(key, value);
        writes.incrementAndGet();
        double unused = pace.acquire();
      } catch (UnavailableException e) {
        unknown(key); // a member died: the write may have been done
      } catch (StoreException e) {
        stopped |= e.code() == ErrorCode.CORRUPT; // fenced for good
        unknown(key);
      }
    }
  }

  /** What the key holds is not known, until the next write of it is acknowledged. */
  private void unknown(String key) {
    values.remove(key);
  }

  /** Every acknowledged write is at {@code elsewhere}. */
  void assertAllAt(EtcdConnection elsewhere) {
    assertThat(values).isNotEmpty();
    values.forEach(
        (key, value) -> assertThat(Move.get(elsewhere, key)).isEqualTo(Long.toString(value)));
  }

  @Override
  public void close() {
    stop();
  }

  /** When this returns, nothing more is written. */
  void stop() {
    stopped = true;
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
