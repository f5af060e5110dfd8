package io.lodestone.server.metrics;

import com.google.protobuf.Descriptors.FieldDescriptor;
import io.lodestone.api.ErrorCode;
import io.lodestone.api.etcdserverpb.InternalRaftRequest;
import io.lodestone.mvcc.Durability;
import io.lodestone.mvcc.EngineObserver;
import io.lodestone.mvcc.log.Applied;
import io.lodestone.mvcc.log.Change;
import io.prometheus.metrics.core.datapoints.DistributionDataPoint;
import io.prometheus.metrics.core.metrics.Histogram;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/**
 * Counts what the engine does, and how long its disk takes. A synced write is what an fsync of its
 * log is to etcd; with the time until it is visible it is what a commit of the backend is.
 * Thread-safe.
 */
final class EngineMetrics implements EngineObserver {
  private static final double NANOS = 1e9;
  private static final double NANOS_IN_MILLI = 1e6;

  /** By the field of a request: {@code DeleteRange} for {@code delete_range}, as etcd names it. */
  private static final Map<FieldDescriptor, String> OPERATIONS = new LinkedHashMap<>();

  static {
    for (FieldDescriptor field : InternalRaftRequest.getDescriptor().getFields()) {
      if (field.getNumber() != InternalRaftRequest.HEADER_FIELD_NUMBER
          && field.getNumber() != InternalRaftRequest.ID_FIELD_NUMBER) {
        String name = field.getJsonName();
        OPERATIONS.put(field, Character.toUpperCase(name.charAt(0)) + name.substring(1));
      }
    }
  }

  private final KeyspaceMetrics keyspace;
  private final LeaseMetrics leases;
  private final Clock clock;
  private final Histogram applyTimes;
  private final DistributionDataPoint logSyncs;
  private final DistributionDataPoint commits;
  private final DistributionDataPoint compactionParts;
  private final DistributionDataPoint compactions;
  private final LongAdder removedRows = new LongAdder();
  private volatile long lastCompactionSeconds;

  EngineMetrics(MetricList metrics, KeyspaceMetrics keyspace, LeaseMetrics leases, Clock clock) {
    this.keyspace = keyspace;
    this.leases = leases;
    this.clock = clock;
    applyTimes =
        metrics.histograms(
            "etcd_server_apply_duration_seconds",
            "Applying an entry.",
            Buckets.doubling(0.0001, 20),
            "version",
            "op",
            "success");
    logSyncs =
        metrics.histogram(
            "etcd_disk_wal_fsync_duration_seconds", "Bringing a write to disk.", 0.001, 14);
    commits =
        metrics.histogram(
            "etcd_disk_backend_commit_duration_seconds",
            "Bringing a write to disk and making it visible.",
            0.001,
            14);
    compactionParts =
        metrics.histogram(
            "etcd_debugging_mvcc_db_compaction_pause_duration_milliseconds",
            "One part of a compaction.",
            1,
            13);
    compactions =
        metrics.histogram(
            "etcd_debugging_mvcc_db_compaction_total_duration_milliseconds",
            "A whole compaction.",
            100,
            14);
    metrics.counter(
        "etcd_debugging_mvcc_db_compaction_keys_total", "Removed rows.", removedRows::sum);
    metrics.gauge(
        "etcd_debugging_mvcc_db_compaction_last",
        "When a compaction last ended, in seconds since 1970; 0 for not since the start.",
        () -> lastCompactionSeconds);
  }

  @Override
  public void applied(
      InternalRaftRequest request, Applied applied, List<Change> changes, long nanos) {
    keyspace.applied(request, applied, changes, nanos);
    leases.applied(request, applied);
    boolean success =
        applied.refusal().isEmpty() || applied.refusal().get().code() == ErrorCode.COMPACTED;
    applyTimes
        .labelValues("v3", operation(request), String.valueOf(success))
        .observe(nanos / NANOS);
  }

  private static String operation(InternalRaftRequest request) {
    for (Map.Entry<FieldDescriptor, String> operation : OPERATIONS.entrySet()) {
      if (request.hasField(operation.getKey())) {
        return operation.getValue();
      }
    }
    return "unknown";
  }

  @Override
  public void written(Durability durability, long writeNanos, long nanos) {
    if (durability == Durability.SYNCED) {
      logSyncs.observe(writeNanos / NANOS);
    }
    commits.observe(nanos / NANOS);
  }

  /** In whole milliseconds, as etcd reckons. */
  @Override
  public void compactedPart(long nanos) {
    compactionParts.observe(Math.floor(nanos / NANOS_IN_MILLI));
  }

  @Override
  public void compacted(long rows, long nanos) {
    compactions.observe(Math.floor(nanos / NANOS_IN_MILLI));
    removedRows.add(rows);
    lastCompactionSeconds = clock.instant().getEpochSecond();
  }
}
