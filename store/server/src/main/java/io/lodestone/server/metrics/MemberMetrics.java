package io.lodestone.server.metrics;

import io.lodestone.raft.Passage;
import io.prometheus.metrics.core.datapoints.Timer;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.time.Duration;
import java.util.concurrent.atomic.LongAdder;

/**
 * What a member counts of its dealings with the others. Lives as long as the member, while what it
 * serves begins anew with each state that it takes over. Thread-safe.
 */
public final class MemberMetrics {
  private static final double[] PASSAGE_SECONDS = Buckets.doubling(0.1, 10);

  private final MetricList metrics = new MetricList(new PrometheusRegistry());
  private final Histogram roundTrips =
      metrics.histograms(
          "etcd_network_peer_round_trip_time_seconds",
          "To another member and back.",
          Buckets.doubling(0.0001, 16),
          "To");
  private final Way sending = new Way("send", "sent to a member", "To");
  private final Way receiving = new Way("receive", "received from a member", "From");
  private final LongAdder installing = new LongAdder();
  private final LongAdder promoted = new LongAdder();
  private final Counter notPromoted =
      metrics.bareCounters(
          "etcd_server_learner_promote_failures", "Refused promotions of learners.", "Reason");

  public MemberMetrics() {
    metrics.bareCounter(
        "etcd_server_learner_promote_successes", "Promotions of learners.", promoted::sum);
    metrics.gauge(
        "etcd_server_snapshot_apply_in_progress_total",
        "1 while the leader's state is taken over.",
        installing::sum);
  }

  /** Snapshots in one direction. */
  private final class Way {
    private final Counter successes;
    private final Counter failures;
    private final Gauge inflight;
    private final Histogram seconds;

    Way(String verb, String what, String label) {
      String name = "etcd_network_snapshot_" + verb;
      successes = metrics.bareCounters(name + "_success", "States " + what + ".", label);
      failures = metrics.bareCounters(name + "_failures", "Not whole.", label);
      inflight = metrics.gauges(name + "_inflights_total", "On their way.", label);
      seconds =
          metrics.histograms(
              name + "_total_duration_seconds", "How long they took.", PASSAGE_SECONDS, label);
    }

    Passage begins(long id) {
      String member = Long.toHexString(id);
      inflight.labelValues(member).inc();
      Timer timer = seconds.labelValues(member).startTimer();
      return whole -> {
        inflight.labelValues(member).dec();
        (whole ? successes : failures).labelValues(member).inc();
        if (whole) {
          timer.observeDuration();
        }
      };
    }
  }

  /** How long another member took to answer. */
  public void roundTrip(long id, Duration time) {
    roundTrips.labelValues(Long.toHexString(id)).observe(time.toNanos() / 1e9);
  }

  /** The state begins to be sent to member {@code id}. */
  public Passage sending(long id) {
    return sending.begins(id);
  }

  /** The state of member {@code id} begins to be received. */
  public Passage receiving(long id) {
    return receiving.begins(id);
  }

  /** It begins to take the place of the state here. */
  public Passage installing() {
    installing.increment();
    return whole -> installing.decrement();
  }

  /** A learner was made a voter by this member, which leads. */
  public void promoted() {
    promoted.increment();
  }

  /** Or was not, for this reason, which is one of etcd's few. */
  public void notPromoted(String reason) {
    notPromoted.labelValues(reason).inc();
  }

  String print() {
    return metrics.print();
  }
}
