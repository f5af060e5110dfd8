package io.lodestone.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.Status;
import io.lodestone.api.ErrorCode;
import io.lodestone.api.LodestoneException;
import io.lodestone.api.StoreException;
import io.lodestone.api.etcdserverpb.HashKVResponse;
import io.lodestone.api.etcdserverpb.Member;
import io.lodestone.peers.EtcdRelease;
import java.net.ServerSocket;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EtcdConnectionTest {
  private static final int RESTARTS = 3;
  private static final int ASKERS = 4;
  private static final int ATTEMPTS = 1_000;

  @TempDir static Path folder;
  private static TestCluster cluster;

  @BeforeAll
  static void start() throws Exception {
    cluster = TestCluster.start(EtcdRelease.of("3.5"), folder, 3);
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  @Test
  void everyMemberOfTheClusterIsListedWithItsStatus() {
    assertThat(cluster.connection.memberList())
        .extracting(Member::getName)
        .containsExactlyInAnyOrder("m1", "m2", "m3");
    assertThat(cluster.connection.endpoints())
        .allSatisfy(
            endpoint ->
                assertThat(cluster.connection.status(endpoint).getVersion())
                    .isEqualTo(cluster.etcd.release().version()));
  }

  @Test
  void theHashKnowsTheCompactRevision() {
    cluster.put("a", "1");
    long revision = cluster.put("a", "2");
    cluster.connection.compact(revision);
    cluster.put("a", "3");

    HashKVResponse hash = cluster.connection.hashKv(cluster.endpoint(), 0);
    assertThat(hash.getCompactRevision()).isEqualTo(revision);
    assertThat(cluster.connection.revision()).isEqualTo(revision + 1);
  }

  @Test
  void aRefusalSaysWhichOneItIs() {
    long revision = cluster.put("b", "1");
    cluster.connection.compact(revision);

    assertThatThrownBy(() -> cluster.connection.compact(revision))
        .isInstanceOfSatisfying(
            StoreException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.COMPACTED));
  }

  @Test
  void aMemberThatIsBackAnswersTheFirstRequest() throws Exception {
    try (TestCluster one = TestCluster.start(EtcdRelease.of("3.5"), folder.resolve("one"), 1)) {
      for (int restart = 0; restart < RESTARTS; restart++) {
        one.etcd.member(0).kill();
        for (int attempt = 0; attempt < 3; attempt++) {
          assertThatThrownBy(() -> one.connection.status(one.endpoint()))
              .isInstanceOf(UnavailableException.class);
        }
        one.etcd.member(0).start();
        one.etcd.awaitReady(0);

        assertThat(one.connection.status(one.endpoint()).getLeader()).isNotZero();
      }
    }
  }

  @Test
  void readsAndWritesMoveOnFromAMemberThatIsAway() throws Exception {
    List<String> endpoints = new ArrayList<>(List.of("127.0.0.1:" + unusedPort()));
    endpoints.addAll(cluster.etcd.endpoints());
    try (EtcdConnection connection =
        EtcdConnection.open(ClientOptions.of(endpoints.toArray(String[]::new)))) {
      connection.compact(cluster.put("c", "1"));

      assertThat(connection.revision()).isPositive();
      assertThat(connection.clusterId()).isEqualTo(cluster.connection.clusterId());
    }
  }

  @Test
  void anUnreachableClusterIsSaidToBeUnreachable() throws Exception {
    ClientOptions nowhere =
        ClientOptions.of("127.0.0.1:" + unusedPort())
            .withTimeouts(Duration.ofSeconds(1), Duration.ofSeconds(1));
    try (EtcdConnection connection = EtcdConnection.open(nowhere)) {
      assertThatThrownBy(connection::revision)
          .isInstanceOfSatisfying(
              UnavailableException.class,
              e -> {
                assertThat(e).hasMessageContaining("unreachable").hasMessageContaining("refused");
                assertThat(e.hint()).contains("check the address");
                assertThat(e.neverSent()).isTrue();
              });
    }
  }

  /** Whoever asks while another wakes the channel gets an answer, or hears that nobody is there. */
  @Test
  void aMemberThatIsAwayIsAskedByManyAtOnce() throws Exception {
    ClientOptions nowhere = ClientOptions.of("127.0.0.1:" + unusedPort());
    ExecutorService askers = Executors.newFixedThreadPool(ASKERS);
    try (EtcdConnection connection = EtcdConnection.open(nowhere)) {
      List<Future<?>> asked = new ArrayList<>();
      for (int i = 0; i < ASKERS; i++) {
        asked.add(
            askers.submit(
                () -> {
                  for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
                    assertThatThrownBy(() -> connection.status(connection.endpoints().get(0)))
                        .isInstanceOfSatisfying(
                            UnavailableException.class, e -> assertThat(e.neverSent()).isTrue());
                  }
                }));
      }
      for (Future<?> each : asked) {
        each.get();
      }
    } finally {
      askers.shutdownNow();
    }
  }

  @Test
  void endpointsOfTwoClustersAreRefused(@TempDir Path elsewhere) throws Exception {
    try (TestCluster other = TestCluster.start(EtcdRelease.of("3.5"), elsewhere, 1);
        EtcdConnection both =
            EtcdConnection.open(
                ClientOptions.of(cluster.etcd.endpoints().get(0), other.etcd.endpoints().get(0)))) {
      both.status(both.endpoints().get(0));

      assertThatThrownBy(() -> both.status(both.endpoints().get(1)))
          .isInstanceOf(LodestoneException.class)
          .hasMessageContaining("belongs to cluster");
    }
  }

  @Test
  void addressesAreReadInAllTheirForms() {
    assertThat(Endpoint.parse("https://etcd.example:2380"))
        .isEqualTo(new Endpoint("etcd.example", 2380, true));
    assertThat(Endpoint.parse("etcd.example")).hasToString("http://etcd.example:2379");
    assertThat(Endpoint.parse("http://[::1]:1")).isEqualTo(new Endpoint("[::1]", 1, false));
    assertThatThrownBy(() -> Endpoint.parse("ftp://x"))
        .hasMessage("'ftp://x' is not the address of an etcd member");
  }

  private static int unusedPort() throws Exception {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  /** As seen of members that were killed under a call. */
  @Test
  void aMemberThatIsAwayIsUnavailableEvenWhereNoCodeSaysSo() {
    Status closed =
        Status.UNKNOWN.withDescription("channel closed").withCause(new ClosedChannelException());
    Status leaderless = Status.UNKNOWN.withDescription("raft proposal dropped");
    for (Status status : List.of(closed, leaderless)) {
      assertThat(CallFailures.of("Txn", status, status.asRuntimeException()))
          .isInstanceOfSatisfying(
              UnavailableException.class, away -> assertThat(away.neverSent()).isFalse());
    }
    Status other = Status.UNKNOWN.withDescription("something else");
    assertThat(CallFailures.of("Txn", other, other.asRuntimeException()))
        .isNotInstanceOf(UnavailableException.class);
  }
}
