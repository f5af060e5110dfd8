package io.lodestone.migrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.common.util.concurrent.RateLimiter;
import io.lodestone.api.ErrorCode;
import io.lodestone.api.StoreException;
import io.lodestone.client.EtcdConnection;
import io.lodestone.peers.EtcdCluster;
import io.lodestone.peers.EtcdRelease;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How long writers wait at a cutover: one source moved again and again, and taken back each time.
 * The property {@code lodestone.migrate.cutovers} says how often, {@code lodestone.migrate.members}
 * how many members each side has, {@code lodestone.migrate.writers} how many write, each up to 250
 * times a second.
 */
final class CutoverTimeTest {
  private static final Logger log = LoggerFactory.getLogger(CutoverTimeTest.class);
  private static final int CUTOVERS = Integer.getInteger("lodestone.migrate.cutovers", 2);
  private static final int MEMBERS = Integer.getInteger("lodestone.migrate.members", 1);
  private static final int WRITERS = Integer.getInteger("lodestone.migrate.writers", 1);

  private static final double WRITES_PER_SECOND = 250;

  @TempDir Path folder;

  /** A client that tries again until its write is taken, and remembers its longest wait. */
  private static final class Impatient {
    private final EtcdConnection cluster;
    private final String key;
    private final Thread thread = new Thread(this::write, "impatient");
    private volatile boolean stopped;
    private final AtomicLong writes = new AtomicLong();
    private final RateLimiter pace = RateLimiter.create(WRITES_PER_SECOND);

    Impatient(EtcdConnection cluster, String key) {
      this.cluster = cluster;
      this.key = key;
      thread.start();
    }

    private void write() {
      while (!stopped) {
        attempt();
        double unused = pace.acquire();
      }
    }

    private void attempt() {
      try {
        Move.put(cluster, key, "v");
        writes.incrementAndGet();
      } catch (StoreException e) {
        if (e.code() != ErrorCode.CORRUPT) {
          throw e;
        }
      }
    }

    void stop() throws InterruptedException {
      stopped = true;
      thread.join();
    }
  }

  @Test
  void writersHardlyWait() throws Exception {
    List<Long> waits = new ArrayList<>();
    List<Impatient> writers = new ArrayList<>();
    try (EtcdCluster source =
            EtcdCluster.of(EtcdRelease.of("3.5"), folder.resolve("source"))
                .members(MEMBERS)
                .start();
        EtcdConnection client = Move.connect(source.endpoints())) {
      for (int i = 0; i < WRITERS; i++) {
        writers.add(new Impatient(client, "writer/" + i));
      }
      for (int round = 0; round < CUTOVERS; round++) {
        long before = writers.get(0).writes.get();
        await().atMost(Move.PATIENCE).until(() -> writers.get(0).writes.get() > before + 50);
        waits.add(cutover(source, folder.resolve("round-" + round)));
      }
      for (Impatient writer : writers) {
        writer.stop();
      }
    }
    Collections.sort(waits);
    log.atWarn().addKeyValue("millis", waits).log("writers waited");
    assertThat(waits.get(waits.size() / 2)).isLessThan(3_000);
  }

  private long cutover(EtcdCluster source, Path place) throws Exception {
    try (Move move = new Move(source, EtcdRelease.of("3.5"), MEMBERS, place)) {
      move.leaveSourceOpen();
      CompletableFuture<Void> run = move.start(move.migration(true));
      move.startDestination();
      run.join();
      move.migration(false).rollback();
      log.atInfo().addKeyValue("phases", move.report().phases()).log("one cutover");
      return move.report().writersWaitedMillis().orElseThrow();
    }
  }
}
