package io.lodestone.mvcc.rocks;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.util.Locale;

/**
 * Rows of one family, run by run: a full one is taken by a thread of its own, while the next one
 * fills. Confined to one thread.
 */
final class RunPipeline implements AutoCloseable {
  private final Taker taker;
  private final LoadThread thread;
  private Run filling;
  private Run taken;

  /** Where the runs go, in their order. */
  @FunctionalInterface
  interface Taker {
    void take(Run run) throws IOException, InterruptedException;
  }

  /**
   * @param runBytes of keys and values in a run, of which there are two
   */
  RunPipeline(Family family, int runBytes, Taker taker) {
    this.taker = taker;
    this.filling = new Run(runBytes);
    this.taken = new Run(runBytes);
    this.thread = new LoadThread("load-" + family.name().toLowerCase(Locale.ROOT));
  }

  void put(ByteString key, ByteString value) throws IOException {
    makeRoom((long) key.size() + value.size());
    filling.put(key, value);
  }

  void delete(ByteString key) throws IOException {
    makeRoom(key.size());
    filling.delete(key);
  }

  private void makeRoom(long bytes) throws IOException {
    if (!filling.isEmpty() && !filling.hasRoomFor(bytes)) {
      handOver();
    }
  }

  private void handOver() throws IOException {
    thread.await();
    Run full = filling;
    filling = taken;
    taken = full;
    thread.begin(
        () -> {
          taker.take(full);
          full.clear();
        });
  }

  /** When this returns, all runs have been taken. */
  void finish() throws IOException {
    if (!filling.isEmpty()) {
      handOver();
    }
    thread.await();
  }

  /** Waits for the run that is being taken; what was not finished is lost. */
  @Override
  public void close() {
    thread.close();
  }
}
