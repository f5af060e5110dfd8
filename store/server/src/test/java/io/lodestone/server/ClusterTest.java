package io.lodestone.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.options.GetOption;
import io.etcd.jetcd.options.PutOption;
import io.lodestone.peers.EtcdRelease;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Three stores that are one cluster, in this process. */
@Timeout(240)
final class ClusterTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final String ROUND_TRIPS_OF_ONE =
      "etcd_network_peer_round_trip_time_seconds_count\\{To=\"[0-9a-f]+\"} [1-9][0-9]*";

  @TempDir Path folder;

  private static ByteSequence bytes(String text) {
    return ByteSequence.from(text, StandardCharsets.UTF_8);
  }

  private EmbeddedCluster cluster(String... flags) throws Exception {
    return EmbeddedCluster.of(3).folder(folder).flags(flags).start();
  }

  private static Client client(EmbeddedCluster cluster, String name) {
    return Client.builder().endpoints(cluster.member(name).endpoint()).build();
  }

  private static void put(Client client, String key, String value) {
    eventually(() -> client.getKVClient().put(bytes(key), bytes(value)).get(10, TimeUnit.SECONDS));
  }

  private static String get(Client client, String key) {
    return eventually(
        () -> {
          var found = client.getKVClient().get(bytes(key)).get(10, TimeUnit.SECONDS).getKvs();
          return found.isEmpty() ? "" : found.get(0).getValue().toString();
        });
  }

  private static String leader(EmbeddedCluster cluster) {
    return await()
        .atMost(PATIENCE)
        .pollDelay(Duration.ZERO)
        .ignoreExceptions()
        .until(
            () -> {
              for (String name : cluster.names()) {
                if (cluster.member(name) == null) {
                  continue;
                }
                try (Client client = client(cluster, name)) {
                  var status =
                      client
                          .getMaintenanceClient()
                          .statusMember(cluster.member(name).endpoint())
                          .get(10, TimeUnit.SECONDS);
                  if (status.getLeader() != 0
                      && status.getLeader() == status.getHeader().getMemberId()) {
                    return name;
                  }
                }
              }
              return "";
            },
            name -> !name.isEmpty());
  }

  @Test
  void whatOneMemberAcknowledgesTheOthersRead() throws Exception {
    try (EmbeddedCluster cluster = cluster();
        Client first = client(cluster, "m1");
        Client second = client(cluster, "m2");
        Client third = client(cluster, "m3")) {
      for (int i = 0; i < 30; i++) {
        put(List.of(first, second, third).get(i % 3), "k", "v" + i);
        assertThat(get(List.of(second, third, first).get(i % 3), "k")).isEqualTo("v" + i);
      }
    }
  }

  @Test
  void etcdctlKnowsTheClusterByItsMembers() throws Exception {
    try (EmbeddedCluster cluster = cluster()) {
      leader(cluster);
      Etcdctl etcdctl = new Etcdctl(EtcdRelease.of("3.5"), cluster.member("m2"));

      await()
          .atMost(PATIENCE)
          .untilAsserted(
              () ->
                  assertThat(etcdctl.run("member", "list"))
                      .contains("started, m1", "started, m2", "started, m3"));
      await()
          .atMost(PATIENCE)
          .untilAsserted(
              () -> {
                String status = etcdctl.run("endpoint", "status", "--cluster", "-w", "json");
                assertThat(status).doesNotContain("errors");
                assertThat(leaders(status)).hasSize(1);
                assertThat(etcdctl.run("endpoint", "health", "--cluster"))
                    .doesNotContain("unhealthy");
              });
    }
  }

  @Test
  void metricsTellHowFarAwayTheOthersAre() throws Exception {
    try (EmbeddedCluster cluster = cluster()) {
      URI metrics = URI.create(cluster.member("m1").endpoint() + "/metrics");
      await()
          .atMost(PATIENCE)
          .untilAsserted(
              () -> {
                String told =
                    HttpClient.newHttpClient()
                        .send(HttpRequest.newBuilder(metrics).build(), BodyHandlers.ofString())
                        .body();
                assertThat(told.lines())
                    .filteredOn(line -> line.matches(ROUND_TRIPS_OF_ONE))
                    .hasSize(2);
              });
    }
  }

  private static Set<String> leaders(String status) {
    return Pattern.compile("\"leader\":(\\d+)")
        .matcher(status)
        .results()
        .map(found -> found.group(1))
        .collect(Collectors.toSet());
  }

  @Test
  void aLeaseGrantedAtOneMemberIsKeptAliveAtAnother() throws Exception {
    try (EmbeddedCluster cluster = cluster();
        Client first = client(cluster, "m1");
        Client second = client(cluster, "m2")) {
      long lease = granted(first, 600, "kept");

      for (Client client : List.of(second, first)) {
        long ttl =
            eventually(() -> client.getLeaseClient().keepAliveOnce(lease).get(10, TimeUnit.SECONDS))
                .getTTL();
        assertThat(ttl).isEqualTo(600);
      }
      granted(first, 5, "short");

      await().atMost(PATIENCE).until(() -> get(second, "short").isEmpty());
      assertThat(get(second, "kept")).isEqualTo("v");
    }
  }

  /** A lease with a key. */
  private static long granted(Client client, long ttl, String key) {
    return eventually(
        () -> {
          long lease = client.getLeaseClient().grant(ttl).get(10, TimeUnit.SECONDS).getID();
          PutOption leased = PutOption.builder().withLeaseId(lease).build();
          client.getKVClient().put(bytes(key), bytes("v"), leased).get(10, TimeUnit.SECONDS);
          return lease;
        });
  }

  /** Tried again while the members look for a leader. */
  private static <T> T eventually(Callable<T> call) {
    return await()
        .atMost(PATIENCE)
        .pollDelay(Duration.ZERO)
        .ignoreExceptions()
        .until(call, result -> true);
  }

  @Test
  void theOthersGoOnWithoutTheirLeaderWhichComesBack() throws Exception {
    try (EmbeddedCluster cluster = cluster("--snapshot-count=50")) {
      String leader = leader(cluster);
      String other = leader.equals("m1") ? "m2" : "m1";
      try (Client client = client(cluster, other)) {
        put(client, "before", "1");
        cluster.stop(leader);
        for (int i = 0; i < 200; i++) {
          put(client, "after" + i, "1");
        }
      }

      cluster.start(leader);

      // It asks nobody, and yet has everything: until it has, the member serves nobody.
      try (Client back = client(cluster, leader)) {
        var all =
            back.getKVClient()
                .get(
                    bytes("after"),
                    GetOption.builder().isPrefix(true).withSerializable(true).build())
                .get();
        assertThat(all.getCount()).isEqualTo(200);
        assertThat(get(back, "after199")).isEqualTo("1");
        assertThat(get(back, "before")).isEqualTo("1");
      }
    }
  }

  @Test
  void withoutAQuorumOldValuesAreReadAndNothingIsWritten() throws Exception {
    try (EmbeddedCluster cluster = cluster()) {
      leader(cluster);
      try (Client client = client(cluster, "m1")) {
        put(client, "k", "1");
        assertThat(get(client, "k")).isEqualTo("1");
      }
      cluster.stop("m2");
      cluster.stop("m3");

      Etcdctl etcdctl =
          new Etcdctl(EtcdRelease.of("3.5"), cluster.member("m1")).with("--command-timeout", "30s");
      assertThat(etcdctl.run("get", "k", "--consistency", "s")).endsWith("k\n1\n");
      assertThat(failure(etcdctl, "put", "k", "2")).contains("etcdserver: request timed out");
      assertThat(failure(etcdctl, "get", "k")).contains("etcdserver: request timed out");

      cluster.stop("m1");
      cluster.start("m1");
      assertThat(etcdctl.run("get", "k", "--consistency", "s")).endsWith("k\n1\n");

      cluster.start("m2");
      try (Client client = client(cluster, "m1")) {
        put(client, "k", "3");
        assertThat(get(client, "k")).isEqualTo("3");
      }
    }
  }

  private static String failure(Etcdctl etcdctl, String... arguments) throws InterruptedException {
    try {
      return etcdctl.run(arguments);
    } catch (IOException e) {
      return e.getMessage();
    }
  }
}
