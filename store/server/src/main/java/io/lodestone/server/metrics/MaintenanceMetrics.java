package io.lodestone.server.metrics;

import io.prometheus.metrics.core.datapoints.DistributionDataPoint;
import io.prometheus.metrics.core.datapoints.Timer;
import java.util.concurrent.atomic.LongAdder;

/** Measures snapshots, hashes and defragmentation. Thread-safe. */
public final class MaintenanceMetrics {
  private final LongAdder defragmenting = new LongAdder();
  private final DistributionDataPoint defragmentations;
  private final DistributionDataPoint snapshots;
  private final DistributionDataPoint hashes;
  private final DistributionDataPoint revisionHashes;

  MaintenanceMetrics(MetricList metrics) {
    metrics.gauge("etcd_disk_defrag_inflight", "1 while space is given back.", defragmenting::sum);
    defragmentations =
        metrics.histogram(
            "etcd_disk_backend_defrag_duration_seconds", "Giving space back.", 0.1, 13);
    snapshots =
        metrics.histogram(
            "etcd_disk_backend_snapshot_duration_seconds", "Taking and sending one.", 0.01, 17);
    hashes = metrics.histogram("etcd_mvcc_hash_duration_seconds", "Hash.", 0.01, 15);
    revisionHashes = metrics.histogram("etcd_mvcc_hash_rev_duration_seconds", "HashKV.", 0.01, 15);
  }

  public Measured defragmentation() {
    defragmenting.increment();
    Timer timer = defragmentations.startTimer();
    return () -> {
      defragmenting.decrement();
      timer.observeDuration();
    };
  }

  public Measured snapshot() {
    return snapshots.startTimer()::observeDuration;
  }

  public Measured hash() {
    return hashes.startTimer()::observeDuration;
  }

  public Measured revisionHash() {
    return revisionHashes.startTimer()::observeDuration;
  }

  /** What is under way, measured until it ends. */
  @FunctionalInterface
  public interface Measured {
    void end();
  }
}
