package io.lodestone.conformance.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.lodestone.conformance.Contestant;
import io.lodestone.conformance.Contestants;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Dashboards and alerts made for etcd find the metrics they ask for, and what they mean. */
@Tag("once")
final class MetricsTest {
  private static final String[] TIMED = {"--metrics=extensive"};

  /**
   * What a Go program tells about itself, the v2 store, which nobody asks for any more, and what
   * stock etcd counts of a gRPC proxy that it is not.
   */
  private static final String NOT_EXPECTED =
      "^(go_|promhttp_|etcd_debugging_store_|etcd_grpc_proxy_|etcd_server_go_version).*";

  /** What our store has nothing of; docs/limits.md says why. */
  private static final String NOT_OURS =
      "^etcd_debugging_disk_backend_commit_(rebalance|spill|write)_.*"
          + "|^etcd_debugging_mvcc_index_compaction_pause_.*"
          + "|^etcd_(debugging_)?snap_.*"
          + "|^etcd_disk_wal_write_duration_.*";

  /** What grows by the same requests in the same way. */
  private static final String COUNTS =
      "(etcd_mvcc_(put|delete|range|txn)_total"
          + "|etcd_debugging_mvcc_(range_total|events_total|total_put_size_in_bytes)"
          + "|etcd_debugging_mvcc_db_compaction_(keys_total|total_duration_milliseconds_count)"
          + "|etcd_debugging_lease_.*|etcd_debugging_server_lease_expired_total"
          + "|etcd_mvcc_hash_.*_count|etcd_disk_backend_(defrag|snapshot)_duration_seconds_count"
          + "|etcd_server_health_.*|etcd_server_client_requests_total"
          + "|etcd_server_apply_duration_seconds_count"
          + "|grpc_server_(started|handled|msg_received|msg_sent)_total"
          + "|grpc_server_handling_seconds_count)\\{.*";

  /** What is the same afterwards. */
  private static final String STANDS =
      "etcd_debugging_mvcc_(keys_total|current_revision|compact_revision|watcher_total"
          + "|watch_stream_total|slow_watcher_total|pending_events_total)\\{.*"
          + "|etcd_server_(has_leader|is_leader|is_learner|quota_backend_bytes"
          + "|proposals_pending)\\{.*|etcd_disk_defrag_inflight\\{.*|etcd_debugging_auth_revision\\{.*";

  @TempDir Path folder;

  @Test
  void everyMetricOfTheReferenceIsThereWithItsTypeItsLabelsAndItsBounds() throws Exception {
    try (Contestant reference = Contestants.REFERENCE.start(folder.resolve("reference"), TIMED);
        Contestant candidate = Contestants.candidate().start(folder.resolve("candidate"), TIMED)) {
      Exposition expected = scraped(reference);
      Exposition actual = scraped(candidate);
      assertThat(wanted(expected.types())).hasSizeGreaterThan(60);
      assertThat(actual.types()).containsAllEntriesOf(wanted(expected.types()));
      assertThat(actual.bounds()).containsAllEntriesOf(wanted(expected.bounds()));
      assertThat(actual.labels()).containsAllEntriesOf(wanted(expected.labels()));
    }
  }

  @Test
  void callsAreTimedOnlyWhereAllMetricsAreAskedFor() throws Exception {
    try (Contestant candidate = Contestants.candidate().start(folder)) {
      assertThat(scraped(candidate).types())
          .containsKey("grpc_server_handled_total")
          .doesNotContainKey("grpc_server_handling_seconds");
    }
  }

  @Test
  void theSameRequestsMoveTheSameMetrics() throws Exception {
    try (Contestant reference = Contestants.REFERENCE.start(folder.resolve("reference"), TIMED);
        Contestant candidate = Contestants.candidate().start(folder.resolve("candidate"), TIMED);
        Workload left = new Workload(reference);
        Workload right = new Workload(candidate)) {
      Exposition expectedBefore = scrape(reference);
      Exposition actualBefore = scrape(candidate);
      left.run();
      right.run();
      await()
          .atMost(Duration.ofSeconds(60))
          .untilAsserted(
              () -> {
                Exposition expected = scrape(reference);
                Exposition actual = scrape(candidate);
                Map<String, Double> grown = expected.grownSince(expectedBefore, COUNTS);
                assertThat(grown).hasSizeGreaterThan(50);
                assertThat(actual.grownSince(actualBefore, COUNTS)).isEqualTo(grown);
                assertThat(actual.valuesOf(STANDS)).isEqualTo(expected.valuesOf(STANDS));
              });
    }
  }

  /** Stock etcd's number depends on its batches, ours on ours; zero would be a lie of both. */
  @Test
  void diskTimesAreMeasured() throws Exception {
    try (Contestant candidate = Contestants.candidate().start(folder)) {
      Map<String, Double> values = scraped(candidate).values();
      Set.of("etcd_disk_wal_fsync_duration_seconds", "etcd_disk_backend_commit_duration_seconds")
          .forEach(
              name -> {
                assertThat(values.get(name + "_count{}")).isPositive();
                assertThat(values.get(name + "_sum{}")).isBetween(0.000_001, 10.0);
              });
      assertThat(values.get("etcd_disk_wal_write_bytes_total{}")).isPositive();
    }
  }

  @Test
  void debugVarsAreAnObject() throws Exception {
    try (Contestant candidate = Contestants.candidate().start(folder)) {
      Reply reply = new Browser(candidate).send(Exchange.get("/debug/vars"));
      assertThat(reply.status()).isEqualTo(200);
      assertThat(reply.contentType()).isEqualTo("application/json; charset=utf-8");
      assertThat(new ObjectMapper().readTree(reply.body()).isObject()).isTrue();
    }
  }

  private static <T> Map<String, T> wanted(Map<String, T> byName) {
    byName.keySet().removeIf(name -> name.matches(NOT_EXPECTED) || name.matches(NOT_OURS));
    return byName;
  }

  /** After some requests, so that what has labels is there. */
  private static Exposition scraped(Contestant contestant) throws Exception {
    Browser browser = new Browser(contestant);
    browser.send(Exchange.post("/v3/kv/put", "{\"key\":\"YQ==\",\"value\":\"MQ==\"}"));
    browser.send(Exchange.post("/v3/kv/range", "{\"key\":\"YQ==\"}"));
    return scrape(contestant);
  }

  private static Exposition scrape(Contestant contestant) throws Exception {
    return Exposition.parse(new Browser(contestant).send(Exchange.get("/metrics")).body());
  }
}
