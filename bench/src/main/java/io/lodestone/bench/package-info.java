/**
 * What we measure, side by side with the peer in one run, as ratios: times of whole processes on
 * the same data and machine. Run it with {@code bench/run}; {@code docs/benchmarks.md} keeps the
 * last figures. Start at {@link Bench}.
 */
package io.lodestone.bench;
