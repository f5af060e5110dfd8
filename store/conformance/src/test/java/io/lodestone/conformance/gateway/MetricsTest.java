package io.lodestone.conformance.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.lodestone.conformance.Contestant;
import io.lodestone.conformance.Contestants;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Dashboards and alerts made for etcd find the metrics they ask for, of the same type. */
final class MetricsTest {
  /** What a Go program tells about itself, and the v2 store, which nobody asks for any more. */
  private static final String NOT_EXPECTED = "^(go_|promhttp_|etcd_debugging_store_|os_fd_).*";

  /**
   * What our store does not tell yet, or has nothing of: bbolt, etcd's WAL and snapshot files, the
   * gRPC proxy. docs/limits.md says so.
   */
  private static final String NOT_OURS =
      "^etcd_debugging_(disk_backend|lease|mvcc|snap)_.*"
          + "|^etcd_(disk|grpc_proxy|snap)_.*"
          + "|^etcd_mvcc_(db_open_read|hash|range|txn)_.*"
          + "|^etcd_server_(apply_duration|client_requests|go_version|heartbeat_send_failures"
          + "|learner_promote|read_indexes|slow|snapshot_apply|health|proposals_applied"
          + "|proposals_committed).*"
          + "|^process_(network|virtual_memory_max)_.*";

  @TempDir Path folder;

  @Test
  void everyMetricOfTheReferenceIsThereWithItsType() throws Exception {
    try (Contestant reference = Contestants.REFERENCE.start(folder.resolve("reference"));
        Contestant candidate = Contestants.candidate().start(folder.resolve("candidate"))) {
      Map<String, String> expected = metrics(reference);
      expected.keySet().removeIf(name -> name.matches(NOT_EXPECTED) || name.matches(NOT_OURS));
      assertThat(expected).hasSizeGreaterThan(20);
      assertThat(metrics(candidate)).containsAllEntriesOf(expected);
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

  /** Types by name, after each kind of request was made once. */
  private static Map<String, String> metrics(Contestant contestant) throws Exception {
    Browser browser = new Browser(contestant);
    browser.send(Exchange.post("/v3/kv/put", "{\"key\":\"YQ==\",\"value\":\"MQ==\"}"));
    browser.send(Exchange.post("/v3/kv/range", "{\"key\":\"YQ==\"}"));
    Map<String, String> types = new TreeMap<>();
    browser
        .send(Exchange.get("/metrics"))
        .body()
        .lines()
        .filter(line -> line.startsWith("# TYPE "))
        .map(line -> line.split(" ", -1))
        .forEach(words -> types.put(words[2], words[3]));
    return types;
  }
}
