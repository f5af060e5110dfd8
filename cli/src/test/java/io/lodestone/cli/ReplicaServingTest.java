package io.lodestone.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.lodestone.peers.CertificateAuthority;
import io.lodestone.peers.ChildProcess;
import io.lodestone.peers.Commands;
import io.lodestone.peers.EtcdCluster;
import io.lodestone.peers.EtcdRelease;
import io.lodestone.peers.FreePorts;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What stands around a replica's API: TLS, the JSON gateway, metrics, and all that it forwards. */
final class ReplicaServingTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final EtcdRelease ETCD = EtcdRelease.of("3.5");

  @TempDir static Path folder;
  private static final String ENDPOINT = "127.0.0.1:" + FreePorts.take();
  private static final String METRICS = "127.0.0.1:" + FreePorts.take();
  private static CertificateAuthority authority;
  private static EtcdCluster source;
  private static ChildProcess replica;

  @BeforeAll
  static void start() throws Exception {
    authority =
        CertificateAuthority.named("replica", Files.createDirectories(folder.resolve("tls")));
    CertificateAuthority.Identity server = authority.issueEc("127.0.0.1");
    source = EtcdCluster.of(ETCD, folder.resolve("source")).start();
    source.etcdctl("put", "k", "v");
    replica =
        Cli.start(
            folder.resolve("replica.log"),
            "replica",
            "--endpoints",
            source.endpoints().get(0),
            "--data-dir",
            folder.resolve("replica").toString(),
            "--listen-client-urls",
            "https://" + ENDPOINT,
            "--cert-file",
            server.certificate().toString(),
            "--key-file",
            server.key().toString(),
            "--listen-metrics-urls",
            "http://" + METRICS,
            "--look-interval",
            "200ms");
    await()
        .atMost(PATIENCE)
        .ignoreExceptions()
        .until(() -> etcdctl("get", "k", "--print-value-only").contains("v"));
  }

  @AfterAll
  static void stop() {
    replica.close();
    source.close();
  }

  /** At the replica. */
  private static String etcdctl(String... arguments) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                ETCD.etcdctl().toString(),
                "--endpoints=https://" + ENDPOINT,
                "--cacert=" + authority.caFile()));
    command.addAll(List.of(arguments));
    return Commands.run(command);
  }

  private static SSLContext trusted() throws Exception {
    KeyStore trust = KeyStore.getInstance(KeyStore.getDefaultType());
    trust.load(null);
    try (InputStream pem = Files.newInputStream(authority.caFile())) {
      trust.setCertificateEntry(
          "ca", CertificateFactory.getInstance("X.509").generateCertificate(pem));
    }
    TrustManagerFactory trusting =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trusting.init(trust);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trusting.getTrustManagers(), null);
    return context;
  }

  private static String body(HttpRequest request) throws Exception {
    HttpResponse<String> answer =
        HttpClient.newBuilder()
            .sslContext(trusted())
            .build()
            .send(request, HttpResponse.BodyHandlers.ofString());
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return answer.body();
  }

  @Test
  void whoDoesNotTrustTheCertificateIsNotServed() {
    assertThatThrownBy(
            () ->
                Commands.run(
                    List.of(
                        ETCD.etcdctl().toString(),
                        "--endpoints=https://" + ENDPOINT,
                        "--dial-timeout=1s",
                        "--command-timeout=2s",
                        "get",
                        "k")))
        .hasMessageContaining("certificate");
  }

  @Test
  void theJsonGatewayReadsHereAndWritesThere() throws Exception {
    URI put = URI.create("https://" + ENDPOINT + "/v3/kv/put");
    body(
        HttpRequest.newBuilder(put)
            .POST(HttpRequest.BodyPublishers.ofString("{\"key\":\"Z3c=\",\"value\":\"MQ==\"}"))
            .build());
    assertThat(source.etcdctl("get", "gw", "--print-value-only")).contains("1");
    URI range = URI.create("https://" + ENDPOINT + "/v3/kv/range");
    assertThat(
            body(
                HttpRequest.newBuilder(range)
                    .POST(HttpRequest.BodyPublishers.ofString("{\"key\":\"Z3c=\"}"))
                    .build()))
        .contains("\"value\":\"MQ==\"");
  }

  @Test
  void healthAndMetricsAreServedOnBothPorts() throws Exception {
    for (String url : List.of("https://" + ENDPOINT, "http://" + METRICS)) {
      assertThat(body(HttpRequest.newBuilder(URI.create(url + "/health")).build()))
          .contains("\"health\":\"true\"");
      assertThat(body(HttpRequest.newBuilder(URI.create(url + "/metrics")).build()))
          .contains("etcd_server_is_learner 1")
          .contains("lodestone_replica_staleness_seconds");
    }
  }

  @Test
  void alarmsAreRaisedAndLoweredAtTheSource() throws Exception {
    body(
        HttpRequest.newBuilder(URI.create("https://" + ENDPOINT + "/v3/maintenance/alarm"))
            .POST(
                HttpRequest.BodyPublishers.ofString(
                    "{\"action\":\"ACTIVATE\",\"memberID\":\""
                        + Long.toUnsignedString(memberId())
                        + "\",\"alarm\":\"NOSPACE\"}"))
            .build());
    assertThat(source.etcdctl("alarm", "list")).contains("NOSPACE").contains("memberID");
    assertThat(etcdctl("alarm", "disarm")).contains("NOSPACE");
    assertThat(source.etcdctl("alarm", "list")).doesNotContain("NOSPACE");
  }

  private static long memberId() throws Exception {
    return Long.parseUnsignedLong(source.etcdctl("member", "list").split(",", 2)[0].strip(), 16);
  }

  @Test
  void membersAreAddedAndRemovedAtTheSource() throws Exception {
    assertThat(etcdctl("member", "list")).isEqualTo(source.etcdctl("member", "list"));
    String url = "http://127.0.0.1:" + FreePorts.take();
    String added = etcdctl("member", "add", "late", "--learner", "--peer-urls=" + url);
    assertThat(source.etcdctl("member", "list")).contains(url);
    String id = added.replaceAll("(?s).*Member\\s+([0-9a-f]+) added.*", "$1");
    assertThat(etcdctl("member", "remove", id)).contains("removed");
    assertThat(source.etcdctl("member", "list")).doesNotContain(url);
  }

  @Test
  void anElectionIsWonThroughIt() throws Exception {
    try (ChildProcess candidate =
        ChildProcess.start(
            List.of(
                ETCD.etcdctl().toString(),
                "--endpoints=https://" + ENDPOINT,
                "--cacert=" + authority.caFile(),
                "elect",
                "throne",
                "me"),
            Map.of(),
            folder.resolve("elect.log"))) {
      await().atMost(PATIENCE).until(() -> candidate.output().contains("me"));
      assertThat(source.etcdctl("get", "--prefix", "throne/")).contains("me");
    }
  }
}
