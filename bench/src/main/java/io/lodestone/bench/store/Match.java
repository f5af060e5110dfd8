package io.lodestone.bench.store;

import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import java.util.function.Supplier;

/**
 * Loads put on both sides in turns.
 *
 * @param ours connections for so many clients
 * @param divisor of the times
 */
record Match(
    IntFunction<List<ManagedChannel>> ours, IntFunction<List<ManagedChannel>> theirs, int divisor) {
  static final int ROUNDS = 3;

  Rivals play(
      String what, MethodDescriptor<byte[], byte[]> method, int clients, Supplier<byte[]> load)
      throws InterruptedException {
    List<Rate> first = new ArrayList<>();
    List<Rate> second = new ArrayList<>();
    for (int round = 0; round < ROUNDS; round++) {
      first.add(new ClosedLoop(ours.apply(clients), method, clients, load).run(warm(), window()));
      second.add(
          new ClosedLoop(theirs.apply(clients), method, clients, load).run(warm(), window()));
    }
    return new Rivals(what, first, second, 1);
  }

  Duration warm() {
    return Duration.ofMillis(3_000 / divisor);
  }

  Duration window() {
    return Duration.ofMillis(6_000 / divisor);
  }
}
