package io.lodestone.bench.store;

import java.time.Duration;
import org.HdrHistogram.Histogram;

/**
 * What a load came to: how many calls (or events) in how much time, and how long each took.
 * Immutable.
 *
 * @param p50Micros median latency in microseconds
 * @param p99Micros 99th percentile in microseconds
 * @param cpuMicros what the servers computed for each call, all together; NaN where nobody looked
 */
record Rate(double perSecond, double p50Micros, double p99Micros, double cpuMicros) {
  private static final double NANOS = 1e9;

  static Rate of(Histogram nanos, Duration elapsed) {
    return new Rate(
        nanos.getTotalCount() * NANOS / elapsed.toNanos(),
        nanos.getValueAtPercentile(50) / 1e3,
        nanos.getValueAtPercentile(99) / 1e3,
        Double.NaN);
  }

  Rate with(Duration cpu, long calls) {
    return new Rate(perSecond, p50Micros, p99Micros, cpu.toNanos() / 1e3 / calls);
  }
}
