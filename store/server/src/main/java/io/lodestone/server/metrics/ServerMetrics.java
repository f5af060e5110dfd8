package io.lodestone.server.metrics;

import io.lodestone.mvcc.ChangeListener;
import io.lodestone.mvcc.Engine;
import io.lodestone.mvcc.EngineView;
import io.lodestone.mvcc.log.Change;
import io.lodestone.server.proposal.Proposals;
import io.prometheus.metrics.config.EscapingScheme;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.DoubleSupplier;
import java.util.function.ToLongFunction;

/** Every metric of a server, and the counters that its parts add to. Thread-safe. */
public final class ServerMetrics implements ChangeListener {
  /** Of the text that {@link #print} gives. */
  public static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

  private final PrometheusRegistry registry = new PrometheusRegistry();
  private final MetricList metrics = new MetricList(registry);
  private final GrpcMetrics grpc = new GrpcMetrics(registry, metrics);
  private final LongAdder leasesExpired = new LongAdder();
  private final LongAdder healthy = new LongAdder();
  private final LongAdder unhealthy = new LongAdder();
  private final LongAdder puts = new LongAdder();
  private final LongAdder deletes = new LongAdder();

  public ServerMetrics() {
    ProcessMetrics.register(metrics);
    metrics.gauge("etcd_server_health_success", "Good answers of /health.", healthy::sum);
    metrics.gauge("etcd_server_health_failures", "Bad answers of /health.", unhealthy::sum);
    metrics.counter(
        "etcd_debugging_server_lease_expired_total", "Expired leases.", leasesExpired::sum);
    metrics.counter("etcd_mvcc_put_total", "Puts.", puts::sum);
    metrics.counter("etcd_mvcc_delete_total", "Deletes.", deletes::sum);
    metrics.counter(
        "etcd_debugging_mvcc_events_total", "Changes of keys.", () -> puts.sum() + deletes.sum());
  }

  public GrpcMetrics grpc() {
    return grpc;
  }

  public void leaseExpired() {
    leasesExpired.increment();
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
    metrics.counter("etcd_server_leader_changes_seen_total", "Changes of leader.", () -> 1);
    metrics.gauge("etcd_server_proposals_pending", "Waiting proposals.", proposals::pending);
    metrics.counter("etcd_server_proposals_failed_total", "Failed proposals.", proposals::failed);
    metrics.counter(
        "etcd_server_proposals_committed_total", "Committed.", proposals::committedIndex);
    metrics.counter("etcd_server_proposals_applied_total", "Applied.", proposals::appliedIndex);
  }

  /** Adds what the engine tells of itself. */
  public void describe(Engine engine, long quotaBytes) {
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

  private static long inView(Engine engine, ToLongFunction<EngineView> question) {
    try (EngineView view = engine.view()) {
      return question.applyAsLong(view);
    }
  }

  @Override
  public void changed(long head, List<Change> changes) {
    for (Change change : changes) {
      (change.record().tombstone() ? deletes : puts).increment();
    }
  }

  /** All metrics in Prometheus' text format. */
  public String print() {
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    try {
      PrometheusTextFormatWriter.create()
          .write(text, registry.scrape(), EscapingScheme.UNDERSCORE_ESCAPING);
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory cannot fail", e);
    }
    return text.toString(StandardCharsets.UTF_8);
  }
}
