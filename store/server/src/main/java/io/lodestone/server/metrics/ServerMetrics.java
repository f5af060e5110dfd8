package io.lodestone.server.metrics;

import io.lodestone.mvcc.Engine;
import io.lodestone.mvcc.EngineView;
import io.lodestone.mvcc.watch.WatchHub;
import io.lodestone.server.proposal.Proposals;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.time.Clock;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.DoubleSupplier;
import java.util.function.ToLongFunction;

/** Every metric of a server, and the counters that its parts add to. Thread-safe. */
public final class ServerMetrics {
  /** Of the text that {@link #print} gives. */
  public static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

  private final MetricList metrics = new MetricList(new PrometheusRegistry());
  private final KeyspaceMetrics keyspace = new KeyspaceMetrics(metrics);
  private final LeaseMetrics leases = new LeaseMetrics(metrics);
  private final WatchMetrics watches = new WatchMetrics(metrics);
  private final MaintenanceMetrics maintenance = new MaintenanceMetrics(metrics);
  private final GrpcMetrics grpc;
  private final MemberMetrics members;
  private final LongAdder healthy = new LongAdder();
  private final LongAdder unhealthy = new LongAdder();

  /** Of one that has no dealings with other members; {@code extensive} as below. */
  public ServerMetrics(boolean extensive) {
    this(extensive, new MemberMetrics());
  }

  /**
   * @param extensive whether gRPC calls are timed as well
   * @param members is told as well, and lives longer
   */
  public ServerMetrics(boolean extensive, MemberMetrics members) {
    this.members = members;
    grpc = new GrpcMetrics(metrics, extensive);
    ProcessMetrics.register(metrics);
    metrics.bareCounter("etcd_server_health_success", "Good answers of /health.", healthy::sum);
    metrics.bareCounter("etcd_server_health_failures", "Bad answers of /health.", unhealthy::sum);
  }

  public GrpcMetrics grpc() {
    return grpc;
  }

  public KeyspaceMetrics keyspace() {
    return keyspace;
  }

  public LeaseMetrics leases() {
    return leases;
  }

  public WatchMetrics watches() {
    return watches;
  }

  public MaintenanceMetrics maintenance() {
    return maintenance;
  }

  public void healthChecked(boolean good) {
    (good ? healthy : unhealthy).increment();
  }

  /** Adds a gauge of another part of the server. */
  public void gauge(String name, String help, DoubleSupplier value) {
    metrics.gauge(name, help, value);
  }

  /** Adds a count of another part of the server; its name ends in {@code _total}. */
  public void counter(String name, String help, DoubleSupplier value) {
    metrics.counter(name, help, value);
  }

  /** Adds what is known of the member and its log. {@code memberId} is in hex. */
  public void describe(
      Proposals proposals, String memberId, String serverVersion, String clusterVersion) {
    metrics.fact("etcd_server_id", "The member's id.", "server_id", memberId);
    metrics.fact("etcd_server_version", "The version told.", "server_version", serverVersion);
    metrics.fact("etcd_cluster_version", "The cluster's.", "cluster_version", clusterVersion);
    metrics.gauge("etcd_server_has_leader", "1 with one.", () -> proposals.leader() == 0 ? 0 : 1);
    metrics.gauge("etcd_server_is_leader", "1 where it leads.", () -> proposals.leads() ? 1 : 0);
    metrics.gauge("etcd_server_is_learner", "1 for a learner.", () -> proposals.learns() ? 1 : 0);
    metrics.counter(
        "etcd_server_leader_changes_seen_total", "Changes of leader.", proposals::leaderChanges);
    metrics.counter(
        "etcd_server_heartbeat_send_failures_total", "Late heartbeats.", proposals::lateHeartbeats);
    metrics.gauge("etcd_server_proposals_pending", "Waiting proposals.", proposals::pending);
    metrics.counter("etcd_server_proposals_failed_total", "Failed proposals.", proposals::failed);
    metrics.gauge("etcd_server_proposals_committed_total", "Committed.", proposals::committedIndex);
    metrics.gauge("etcd_server_proposals_applied_total", "Applied.", proposals::appliedIndex);
  }

  /**
   * Adds what the engine tells of itself, and counts what it does from now on.
   *
   * @param background counts the keys
   */
  public void describe(Engine engine, long quotaBytes, Executor background) {
    KeyCount keys = new KeyCount(engine::view, background);
    engine.listen(keys);
    engine.observe(new EngineMetrics(metrics, keyspace, leases, Clock.systemUTC()));
    metrics.gauge("etcd_debugging_mvcc_keys_total", "Living keys.", keys::value);
    metrics.gauge("etcd_mvcc_db_open_read_transactions", "Open reads.", engine::openViews);
    metrics.gauge("etcd_disk_wal_write_bytes_total", "Written to the log.", engine::loggedBytes);
    metrics.gauge("etcd_server_quota_backend_bytes", "Allowed size.", () -> quotaBytes);
    metrics.gauge("etcd_mvcc_db_total_size_in_bytes", "Size on disk.", engine::sizeBytes);
    metrics.gauge(
        "etcd_mvcc_db_total_size_in_use_in_bytes", "Size still needed.", engine::sizeInUseBytes);
    metrics.gauge(
        "etcd_debugging_mvcc_current_revision",
        "The newest revision.",
        () -> inView(engine, EngineView::revision));
    metrics.gauge(
        "etcd_debugging_mvcc_compact_revision",
        "The last compacted revision.",
        () -> Math.max(0, inView(engine, EngineView::compactRevision)));
    metrics.gauge(
        "etcd_debugging_auth_revision",
        "Of users and roles.",
        () -> engine.auth().view().revision());
  }

  /** Adds how many watchers there are. */
  public void describe(WatchHub hub) {
    metrics.gauge("etcd_debugging_mvcc_watcher_total", "Watchers.", hub::watchers);
    metrics.gauge("etcd_debugging_mvcc_slow_watcher_total", "Of these, behind.", hub::slowWatchers);
  }

  private static long inView(Engine engine, ToLongFunction<EngineView> question) {
    try (EngineView view = engine.view()) {
      return question.applyAsLong(view);
    }
  }

  /** All metrics in Prometheus' text format. */
  public String print() {
    return metrics.print() + members.print();
  }
}
