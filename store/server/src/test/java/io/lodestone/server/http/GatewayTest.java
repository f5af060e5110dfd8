package io.lodestone.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.lodestone.server.EmbeddedStore;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** JSON over HTTP/1.1, as stock etcd 3.5.30 was seen to answer. */
final class GatewayTest {
  private static final HttpClient HTTP =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private static EmbeddedStore store;

  @BeforeAll
  static void start() throws IOException {
    store = EmbeddedStore.builder().start();
  }

  @AfterAll
  static void stop() throws IOException {
    store.close();
  }

  private static HttpResponse<String> post(String path, String body)
      throws IOException, InterruptedException {
    return HTTP.send(
        HttpRequest.newBuilder(URI.create(store.endpoint() + path))
            .POST(BodyPublishers.ofString(body))
            .build(),
        BodyHandlers.ofString());
  }

  private static HttpResponse<String> get(String path) throws IOException, InterruptedException {
    return HTTP.send(
        HttpRequest.newBuilder(URI.create(store.endpoint() + path)).build(),
        BodyHandlers.ofString());
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void numbersAreTextAndBytesBase64() throws Exception {
    post("/v3/kv/put", "{\"key\":\"" + base64("a") + "\",\"value\":\"" + base64("b") + "\"}");

    HttpResponse<String> response = post("/v3/kv/range", "{\"key\":\"" + base64("a") + "\"}");

    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.headers().firstValue("content-type")).hasValue("application/json");
    assertThat(response.headers().firstValue("grpc-metadata-content-type"))
        .hasValue("application/grpc");
    assertThat(response.body())
        .contains("\"kvs\":[{\"key\":\"YQ==\"", "\"value\":\"Yg==\"", "\"count\":\"1\"");
  }

  @Test
  void theBetaPathsAreTheSame() throws Exception {
    assertThat(post("/v3beta/kv/range", "{\"key\":\"eg==\"}").statusCode()).isEqualTo(200);
    assertThat(post("/v3alpha/kv/range", "{\"key\":\"eg==\"}").statusCode()).isEqualTo(404);
  }

  @Test
  void refusalsHaveCodesAndStatuses() throws Exception {
    HttpResponse<String> noKey = post("/v3/kv/range", "{}");
    HttpResponse<String> noLease = post("/v3/lease/revoke", "{\"ID\":\"78\"}");
    HttpResponse<String> noMethod = post("/v3/kv/bogus", "{}");
    HttpResponse<String> notPosted = get("/v3/kv/range");

    assertThat(noKey.statusCode()).isEqualTo(400);
    assertThat(noKey.body())
        .isEqualTo("{\"code\":3,\"message\":\"etcdserver: key is not provided\"}");
    assertThat(noLease.statusCode()).isEqualTo(404);
    assertThat(noLease.body())
        .isEqualTo("{\"code\":5,\"message\":\"etcdserver: requested lease not found\"}");
    assertThat(noMethod.statusCode()).isEqualTo(404);
    assertThat(noMethod.body()).isEqualTo("{\"code\":5,\"message\":\"Not Found\"}");
    assertThat(notPosted.statusCode()).isEqualTo(501);
    assertThat(notPosted.body()).isEqualTo("{\"code\":12,\"message\":\"Method Not Allowed\"}");
  }

  @Test
  void badJsonIsRefused() throws Exception {
    assertThat(post("/v3/kv/range", "{").body())
        .isEqualTo("{\"code\":3,\"message\":\"unexpected EOF\"}");
    assertThat(post("/v3/kv/range", "{\"key\":\"***\"}").statusCode()).isEqualTo(400);
    assertThat(post("/v3/kv/range", "{\"key\":\"eg==\",\"limit\":\"x\"}").statusCode())
        .isEqualTo(400);
    assertThat(post("/v3/kv/range", "{\"key\":\"eg==\",\"bogus\":1}").statusCode()).isEqualTo(200);
  }

  @Test
  void streamsAreLinesOfResults() throws Exception {
    post("/v3/lease/grant", "{\"ID\":\"4711\",\"TTL\":\"60\"}");

    HttpResponse<String> response =
        post("/v3/lease/keepalive", "{\"ID\":\"4711\"}{\"ID\":\"4711\"}");

    assertThat(response.body().lines())
        .hasSize(2)
        .allMatch(line -> line.startsWith("{\"result\":{\"header\":{"))
        .allMatch(line -> line.endsWith("\"ID\":\"4711\",\"TTL\":\"60\"}}"));
  }

  @Test
  void aSnapshotComesInPieces() throws Exception {
    assertThat(post("/v3/maintenance/snapshot", "{}").body().lines())
        .allMatch(line -> line.startsWith("{\"result\":{"))
        .allMatch(line -> line.contains("\"blob\":\""));
  }

  @Test
  void manyRequestsShareAConnection() throws Exception {
    for (int i = 0; i < 50; i++) {
      assertThat(post("/v3/kv/put", "{\"key\":\"" + base64("k" + i) + "\"}").statusCode())
          .isEqualTo(200);
    }
  }

  @Test
  void healthVersionAndMetricsAreTold() throws Exception {
    assertThat(get("/health").body()).isEqualTo("{\"health\":\"true\",\"reason\":\"\"}");
    assertThat(get("/version").body())
        .isEqualTo("{\"etcdserver\":\"3.5.30\",\"etcdcluster\":\"3.5.0\"}");
    assertThat(get("/livez").body()).isEqualTo("ok\n");
    assertThat(get("/readyz?verbose").body())
        .isEqualTo(
            """
            [+]data_corruption ok
            [+]serializable_read ok
            [+]linearizable_read ok
            [+]non_learner ok
            ok
            """);
    assertThat(get("/metrics").body())
        .contains("etcd_server_has_leader 1", "etcd_mvcc_db_total_size_in_bytes");
    assertThat(post("/health", "").statusCode()).isEqualTo(405);
    assertThat(get("/bogus").body()).isEqualTo("404 page not found\n");
  }

  @Test
  void anAlarmShowsInHealth() throws Exception {
    post(
        "/v3/maintenance/alarm",
        "{\"action\":\"ACTIVATE\",\"memberID\":\"7\",\"alarm\":\"NOSPACE\"}");

    HttpResponse<String> sick = get("/health");
    HttpResponse<String> pardoned = get("/health?exclude=NOSPACE");
    post(
        "/v3/maintenance/alarm",
        "{\"action\":\"DEACTIVATE\",\"memberID\":\"7\",\"alarm\":\"NOSPACE\"}");

    assertThat(sick.statusCode()).isEqualTo(503);
    assertThat(sick.body()).isEqualTo("{\"health\":\"false\",\"reason\":\"ALARM NOSPACE\"}\n");
    assertThat(pardoned.statusCode()).isEqualTo(200);
  }
}
