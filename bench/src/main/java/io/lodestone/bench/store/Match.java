package io.lodestone.bench.store;

import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * Loads put on both sides in turns.
 *
 * @param divisor of the times
 */
record Match(Side ours, Side theirs, int divisor) {
  static final int ROUNDS = 3;

  /** One server, or several that are one cluster. */
  interface Side {
    /** For so many clients. */
    List<ManagedChannel> connections(int clients);

    /** What its processes have computed so far. */
    Duration cpuTime();
  }

  Rivals play(
      String what, MethodDescriptor<byte[], byte[]> method, int clients, Supplier<byte[]> load)
      throws InterruptedException {
    List<Rate> first = new ArrayList<>();
    List<Rate> second = new ArrayList<>();
    for (int round = 0; round < ROUNDS; round++) {
      first.add(run(ours, method, clients, load));
      second.add(run(theirs, method, clients, load));
    }
    return new Rivals(what, first, second, 1);
  }

  private Rate run(
      Side side, MethodDescriptor<byte[], byte[]> method, int clients, Supplier<byte[]> load)
      throws InterruptedException {
    ClosedLoop loop = new ClosedLoop(side.connections(clients), method, clients, load);
    Duration before = side.cpuTime();
    Rate rate = loop.run(warm(), window());
    return rate.with(side.cpuTime().minus(before), loop.calls());
  }

  Duration warm() {
    return Duration.ofMillis(3_000 / divisor);
  }

  Duration window() {
    return Duration.ofMillis(6_000 / divisor);
  }
}
