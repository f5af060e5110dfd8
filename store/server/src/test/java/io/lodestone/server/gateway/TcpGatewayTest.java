package io.lodestone.server.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.lodestone.api.LodestoneException;
import io.lodestone.peers.Commands;
import io.lodestone.peers.EtcdCluster;
import io.lodestone.peers.EtcdMember;
import io.lodestone.peers.EtcdRelease;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Stock etcdctl through a gateway to three members of stock etcd, some of which die. */
@Timeout(120)
final class TcpGatewayTest {
  private static final EtcdRelease RELEASE = EtcdRelease.of("3.5");

  @TempDir Path folder;
  private EtcdCluster cluster;
  private TcpGateway gateway;
  private String endpoint = "";

  @BeforeEach
  void start() throws Exception {
    cluster = EtcdCluster.of(RELEASE, folder.resolve("etcd")).members(3).start();
    gateway =
        new TcpGateway(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            cluster.endpoints().stream().map(TcpGatewayTest::address).toList(),
            Duration.ofMillis(200));
    endpoint = "127.0.0.1:" + gateway.start().getPort();
  }

  @AfterEach
  void stop() {
    gateway.close();
    cluster.close();
  }

  private static InetSocketAddress address(String endpoint) {
    String[] parts = endpoint.split(":", 2);
    return InetSocketAddress.createUnresolved(parts[0], Integer.parseInt(parts[1]));
  }

  private String etcdctl(String... words) throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(RELEASE.etcdctl().toString(), "--endpoints", endpoint, "--dial-timeout=5s"));
    command.addAll(List.of(words));
    return Commands.run(command);
  }

  @Test
  void callsAndSnapshotsGoThrough() throws Exception {
    assertThat(etcdctl("put", "a", "1")).isEqualTo("OK\n");
    etcdctl("put", "b", "x".repeat(100_000));
    Path file = folder.resolve("snapshot.db");
    etcdctl("snapshot", "save", file.toString());
    assertThat(Files.size(file)).isGreaterThan(100_000);
    assertThat(etcdctl("get", "a")).isEqualTo("a\n1\n");
  }

  @Test
  void connectionsGoToTheMembersInTurn() {
    awaitEachMemberServes();
  }

  /** A client may need more than one connection, so that three clients may meet two members. */
  private void awaitEachMemberServes() {
    Set<String> served = new HashSet<>();
    await()
        .atMost(Duration.ofSeconds(30))
        .until(
            () -> {
              served.add(memberId());
              return served.size() == cluster.members().size();
            });
  }

  private String memberId() throws Exception {
    return etcdctl("endpoint", "status", "-w", "fields")
        .lines()
        .filter(line -> line.startsWith("\"MemberID\""))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void aMemberThatDiesIsPassedOverAndTakenAgainWhenItIsBack() throws Exception {
    EtcdMember dead = cluster.member(0);
    dead.kill();
    // It may have led: there is a leader again once a write is taken.
    await()
        .atMost(Duration.ofSeconds(30))
        .ignoreExceptions()
        .until(() -> etcdctl("put", "a", "first"), "OK\n"::equals);
    for (int i = 0; i < 6; i++) {
      assertThat(etcdctl("put", "a", "" + i)).isEqualTo("OK\n");
    }
    dead.close();
    dead.start();
    cluster.awaitReady();
    awaitEachMemberServes();
  }

  @Test
  void withoutAnyMemberClientsAreHungUpOn() throws Exception {
    cluster.members().forEach(EtcdMember::kill);
    try (Socket client =
        new Socket(InetAddress.getLoopbackAddress(), address(endpoint).getPort())) {
      client.setSoTimeout(10_000);
      assertThat(client.getInputStream().read()).isEqualTo(-1);
    }
  }

  @Test
  void aPortThatIsTakenIsNamed() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        TcpGateway second =
            new TcpGateway(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), taken.getLocalPort()),
                List.of(address("127.0.0.1:1")),
                Duration.ofSeconds(1))) {
      assertThatThrownBy(second::start)
          .isInstanceOf(LodestoneException.class)
          .hasMessageContaining(Integer.toString(taken.getLocalPort()));
    }
  }
}
