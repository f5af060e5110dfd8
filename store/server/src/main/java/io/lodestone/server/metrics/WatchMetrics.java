package io.lodestone.server.metrics;

import java.util.concurrent.atomic.LongAdder;

/** Counts streams of watches and what is sent on them. Thread-safe. */
public final class WatchMetrics {
  private final LongAdder streams = new LongAdder();
  private final LongAdder waiting = new LongAdder();
  private final LongAdder sent = new LongAdder();

  WatchMetrics(MetricList metrics) {
    metrics.gauge("etcd_debugging_mvcc_watch_stream_total", "Open streams.", streams::sum);
    metrics.gauge(
        "etcd_debugging_mvcc_pending_events_total", "Events that wait to be sent.", waiting::sum);
    metrics.counter("etcd_debugging_mvcc_events_total", "Events sent.", sent::sum);
  }

  public void streamOpened() {
    streams.increment();
  }

  public void streamClosed() {
    streams.decrement();
  }

  /** So many events wait for a client. */
  public void eventsWait(int events) {
    waiting.add(events);
  }

  /** So many of them were sent. */
  public void eventsSent(int events) {
    waiting.add(-events);
    sent.add(events);
  }

  /** So many of them will not be sent: the client has gone. */
  public void eventsDropped(int events) {
    waiting.add(-events);
  }
}
