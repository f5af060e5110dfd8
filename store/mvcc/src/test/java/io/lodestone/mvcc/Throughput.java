package io.lodestone.mvcc;

import com.google.protobuf.ByteString;
import io.lodestone.api.etcdserverpb.InternalRaftRequest;
import io.lodestone.api.etcdserverpb.PutRequest;
import io.lodestone.api.etcdserverpb.RangeRequest;
import io.lodestone.mvcc.direct.DirectLog;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Figures of the engine without a server: puts through the log of one member with a number of them
 * in flight, gets, ranges, and opening a large store. Arguments: a folder on the disk to be
 * measured, and the number of keys of the large store.
 */
public final class Throughput {
  private static final int VALUE_BYTES = 256;
  private static final int SECONDS = 5;

  private Throughput() {}

  public static void main(String[] arguments) throws Exception {
    Path folder = Path.of(arguments[0]);
    int keys = Integer.parseInt(arguments[1]);
    Files.createDirectories(folder);
    for (int inFlight : new int[] {1, 64, 1000}) {
      puts(folder.resolve("puts-" + inFlight), inFlight);
    }
    fill(folder.resolve("large"), keys);
    reads(folder.resolve("large"), keys);
  }

  private static InternalRaftRequest put(int number, byte[] value) {
    return InternalRaftRequest.newBuilder()
        .setPut(PutRequest.newBuilder().setKey(key(number)).setValue(ByteString.copyFrom(value)))
        .build();
  }

  /** Keeps its slot for good where the proposal fails, so that the run does not go on as if not. */
  private static void submit(DirectLog log, InternalRaftRequest request, Semaphore slots) {
    CompletableFuture<Void> unused = log.propose(request).thenAccept(applied -> slots.release());
  }

  private static ByteString key(int number) {
    return ByteString.copyFromUtf8(String.format("key/%010d", number));
  }

  private static void puts(Path directory, int inFlight) throws Exception {
    Random random = new Random(1);
    byte[] value = new byte[VALUE_BYTES];
    try (Engine engine = Engine.open(directory, EngineOptions.DEFAULT);
        DirectLog log = new DirectLog(engine)) {
      log.start();
      Semaphore slots = new Semaphore(inFlight);
      long done = 0;
      for (int round = 0; round < 2; round++) {
        long began = System.nanoTime();
        long end = began + TimeUnit.SECONDS.toNanos(SECONDS);
        done = 0;
        while (System.nanoTime() < end) {
          random.nextBytes(value);
          slots.acquire();
          submit(log, put(random.nextInt(100_000), value), slots);
          done++;
        }
        slots.acquire(inFlight);
        slots.release(inFlight);
        report(inFlight + " in flight, puts/s", done, began);
      }
    }
  }

  private static void report(String what, long count, long began) {
    double seconds = (System.nanoTime() - began) / 1e9;
    System.out.printf("%s: %.0f%n", what, count / seconds);
  }

  private static void fill(Path directory, int keys) throws Exception {
    Random random = new Random(2);
    byte[] value = new byte[VALUE_BYTES];
    long began = System.nanoTime();
    try (Engine engine = Engine.open(directory, EngineOptions.DEFAULT);
        DirectLog log = new DirectLog(engine)) {
      log.start();
      Semaphore slots = new Semaphore(4000);
      for (int i = 0; i < keys; i++) {
        random.nextBytes(value);
        slots.acquire();
        submit(log, put(i, value), slots);
      }
      slots.acquire(4000);
      System.out.println("size bytes " + engine.sizeBytes());
    }
    report("fill, puts/s", keys, began);
  }

  private static void reads(Path directory, int keys) throws Exception {
    long began = System.nanoTime();
    try (Engine engine = Engine.open(directory, EngineOptions.DEFAULT)) {
      System.out.printf("open ms: %d%n", (System.nanoTime() - began) / 1_000_000);
      System.out.println("resident after open: " + resident());
      gets(engine, keys);
      ranges(engine, keys);
      System.out.println("resident after reads: " + resident());
    }
  }

  private static void gets(Engine engine, int keys) {
    Random random = new Random(3);
    for (int round = 0; round < 2; round++) {
      long began = System.nanoTime();
      long count = 0;
      while (System.nanoTime() - began < TimeUnit.SECONDS.toNanos(SECONDS)) {
        RangeRequest request = RangeRequest.newBuilder().setKey(key(random.nextInt(keys))).build();
        try (EngineView view = engine.view()) {
          count += view.range(request).getCount();
        }
      }
      report("gets/s, one thread", count, began);
    }
  }

  private static void ranges(Engine engine, int keys) {
    Random random = new Random(4);
    for (int round = 0; round < 2; round++) {
      long began = System.nanoTime();
      long count = 0;
      while (System.nanoTime() - began < TimeUnit.SECONDS.toNanos(SECONDS)) {
        int from = random.nextInt(keys - 10_000);
        RangeRequest request =
            RangeRequest.newBuilder().setKey(key(from)).setRangeEnd(key(from + 10_000)).build();
        try (EngineView view = engine.view()) {
          count += view.range(request).getKvsCount() == 10_000 ? 1 : 0;
        }
      }
      report("ranges of 10,000 keys/s, one thread", count, began);
    }
  }

  private static String resident() throws Exception {
    return Files.readAllLines(Path.of("/proc/self/status")).stream()
        .filter(line -> line.startsWith("VmRSS"))
        .findFirst()
        .orElse("unknown");
  }
}
