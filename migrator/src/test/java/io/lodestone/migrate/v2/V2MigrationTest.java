package io.lodestone.migrate.v2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.lodestone.api.KeyRange;
import io.lodestone.api.LeaseId;
import io.lodestone.api.etcdserverpb.KVGrpc;
import io.lodestone.api.etcdserverpb.RangeRequest;
import io.lodestone.api.mvccpb.KeyValue;
import io.lodestone.client.ClientOptions;
import io.lodestone.client.EtcdConnection;
import io.lodestone.peers.EtcdCluster;
import io.lodestone.peers.EtcdRelease;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From the v2 API of a real etcd 3.4 into a real 3.5. */
final class V2MigrationTest {
  @TempDir Path folder;

  private final HttpClient http = HttpClient.newHttpClient();
  private EtcdCluster old;
  private EtcdCluster fresh;
  private EtcdConnection destination;

  @BeforeEach
  void start() throws Exception {
    old = EtcdCluster.of(EtcdRelease.of("3.4"), folder.resolve("old")).flags("--enable-v2").start();
    fresh = EtcdCluster.of(EtcdRelease.of("3.5"), folder.resolve("fresh")).start();
    destination = EtcdConnection.open(ClientOptions.of(fresh.endpoints().toArray(String[]::new)));
  }

  @AfterEach
  void stop() {
    destination.close();
    fresh.close();
    old.close();
  }

  private URI v2() {
    return URI.create("http://" + old.endpoints().get(0));
  }

  private void set(String path, String form) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(v2().resolve("/v2/keys" + path))
            .header("Content-Type", "application/x-www-form-urlencoded")
            .PUT(BodyPublishers.ofString(form))
            .build();
    assertThat(http.send(request, BodyHandlers.ofString()).statusCode()).isIn(200, 201);
  }

  private void put(String path, String value) throws IOException, InterruptedException {
    set(path, "value=" + URLEncoder.encode(value, StandardCharsets.UTF_8));
  }

  private void remove(String path) throws IOException, InterruptedException {
    HttpRequest request = HttpRequest.newBuilder(v2().resolve("/v2/keys" + path)).DELETE().build();
    assertThat(http.send(request, BodyHandlers.ofString()).statusCode()).isEqualTo(200);
  }

  private V2Migration migration(String path, String prefix, boolean directories) {
    return new V2Migration(List.of(v2()), destination, new V2Mapping(path, prefix, directories));
  }

  private Map<String, KeyValue> moved() {
    ByteString all = KeyRange.all().start();
    return destination
        .read(
            KVGrpc.getRangeMethod(), RangeRequest.newBuilder().setKey(all).setRangeEnd(all).build())
        .getKvsList()
        .stream()
        .collect(
            Collectors.toMap(
                key -> key.getKey().toStringUtf8(), key -> key, (a, b) -> a, TreeMap::new));
  }

  private static Map<String, String> values(Map<String, KeyValue> keys) {
    Map<String, String> values = new TreeMap<>();
    keys.forEach((key, value) -> values.put(key, value.getValue().toStringUtf8()));
    return values;
  }

  private long granted(KeyValue key) {
    return destination.grantedTtlSeconds(new LeaseId(key.getLease())).orElseThrow();
  }

  @Test
  void keysDirectoriesAndTimesToLiveComeOver() throws Exception {
    put("/plain", "grüße & 1+1");
    put("/app/one", "1");
    put("/app/deep/two", "2");
    set("/empty", "dir=true");
    set("/short", "dir=true&ttl=3000");
    put("/short/inherits", "3");
    set("/short/own", "value=4&ttl=500");
    set("/leased", "value=5&ttl=9000");
    V2Report report = migration("", "/v2", true).run(false);
    Map<String, KeyValue> found = moved();
    assertThat(values(found))
        .isEqualTo(
            Map.of(
                "/v2/plain", "grüße & 1+1",
                "/v2/app/", "",
                "/v2/app/one", "1",
                "/v2/app/deep/", "",
                "/v2/app/deep/two", "2",
                "/v2/empty/", "",
                "/v2/short/", "",
                "/v2/short/inherits", "3",
                "/v2/short/own", "4",
                "/v2/leased", "5"));
    assertThat(granted(found.get("/v2/short/inherits"))).isBetween(2000L, 3000L);
    assertThat(granted(found.get("/v2/short/own"))).isBetween(100L, 500L);
    assertThat(granted(found.get("/v2/leased"))).isBetween(8000L, 9000L);
    assertThat(found.get("/v2/plain").getLease()).isZero();
    assertThat(report.keys()).isEqualTo(10);
    assertThat(report.directories()).isEqualTo(4);
    assertThat(report.leases()).isBetween(3L, 4L);
  }

  @Test
  void runAgainItTakesOverWhatHasChangedAndNothingElse() throws Exception {
    for (int i = 0; i < 250; i++) {
      put("/app/k" + i, "v" + i);
    }
    put("/other/x", "not asked for");
    migration("/app", "", false).run(false);
    assertThat(moved()).hasSize(250);
    assertThatThrownBy(() -> migration("/app", "", false).run(false))
        .hasMessageContaining("has 250 keys below /app/ already");
    put("/app/k7", "changed");
    remove("/app/k8");
    V2Report report = migration("/app", "", false).run(true);
    assertThat(report.written()).isEqualTo(1);
    assertThat(report.deleted()).isEqualTo(1);
    assertThat(values(moved()))
        .hasSize(249)
        .containsEntry("/app/k7", "changed")
        .doesNotContainKey("/app/k8");
  }

  @Test
  void whatIsNotThereOrNotServedIsExplained() {
    assertThatThrownBy(() -> migration("/nothing", "", false).run(false))
        .hasMessageContaining("404")
        .hasMessageContaining("Key not found");
    URI without = URI.create("http://" + fresh.endpoints().get(0));
    V2Migration none = new V2Migration(List.of(without), destination, new V2Mapping("", "", false));
    assertThatThrownBy(() -> none.run(false)).hasMessageContaining("404");
  }
}
