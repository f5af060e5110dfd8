package io.lodestone.inspect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lodestone.api.etcdserverpb.AlarmRequest;
import io.lodestone.api.etcdserverpb.AlarmType;
import io.lodestone.api.etcdserverpb.MaintenanceGrpc;
import io.lodestone.client.ClientOptions;
import io.lodestone.client.EtcdConnection;
import io.lodestone.inspect.Observation.Verdict;
import io.lodestone.peers.EtcdCluster;
import io.lodestone.peers.EtcdRelease;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Inspections of three members of stock etcd, whole and harmed. */
@Timeout(120)
@Tag("once")
final class InspectionsTest {
  private static final EtcdRelease RELEASE = EtcdRelease.of("3.5");
  private static final long QUOTA = 2L << 30;

  @TempDir Path folder;
  private EtcdCluster cluster;
  private EtcdConnection connection;

  @BeforeEach
  void start() throws Exception {
    cluster = EtcdCluster.of(RELEASE, folder.resolve("etcd")).members(3).start();
    connection = EtcdConnection.open(options(cluster.endpoints()));
    cluster.etcdctl("put", "a", "1");
  }

  @AfterEach
  void stop() {
    connection.close();
    cluster.close();
  }

  private static ClientOptions options(List<String> endpoints) {
    Duration quick = Duration.ofSeconds(3);
    return ClientOptions.of(endpoints.toArray(String[]::new)).withTimeouts(quick, quick);
  }

  private static Verdict worst(List<Observation> seen) {
    return seen.stream()
        .map(Observation::verdict)
        .max(Enum::compareTo)
        .orElseThrow(() -> new AssertionError("nothing was seen"));
  }

  private List<Observation> consistency(List<String> endpoints) throws Exception {
    Path work = Files.createTempDirectory(folder, "work");
    return new Consistency(options(endpoints), work).look();
  }

  @Test
  void aWholeClusterIsFine() throws Exception {
    List<Observation> health = new Health(connection).look();
    assertThat(health).hasSize(4);
    assertThat(health.stream().filter(line -> line.seen().contains(", leads"))).hasSize(1);
    assertThat(health).noneMatch(line -> line.verdict() == Verdict.PROBLEM);
    assertThat(worst(new Space(connection, QUOTA).look())).isEqualTo(Verdict.FINE);
    List<Observation> consistency = consistency(cluster.endpoints());
    assertThat(consistency).hasSize(2);
    assertThat(worst(consistency)).isEqualTo(Verdict.FINE);
  }

  @Test
  void aDeadMemberIsAProblem() {
    cluster.member(1).kill();

    // It may have led: then the others have no leader for a moment.
    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(
            () ->
                assertThat(
                        new Health(connection)
                            .look().stream().filter(line -> line.verdict() == Verdict.PROBLEM))
                    .singleElement()
                    .satisfies(
                        line -> {
                          assertThat(line.subject()).contains(cluster.endpoints().get(1));
                          assertThat(line.hint()).isNotEmpty();
                        }));
  }

  @Test
  void aLostQuorumIsAProblemOfTheCluster() {
    cluster.member(1).kill();
    cluster.member(2).kill();

    assertThat(new Health(connection).look())
        .anySatisfy(
            line -> {
              assertThat(line.subject()).isEqualTo("cluster");
              assertThat(line.verdict()).isEqualTo(Verdict.PROBLEM);
            });
  }

  @Test
  void aMemberThatWasNotNamedIsMissed() {
    try (EtcdConnection two = EtcdConnection.open(options(cluster.endpoints().subList(0, 2)))) {
      assertThat(new Health(two).look())
          .anySatisfy(line -> assertThat(line.seen()).contains("3 members, 2 were looked at"));
    }
  }

  @Test
  void alarmsAndAQuotaThatIsNearAreTold() throws Exception {
    String member =
        cluster
            .etcdctl("endpoint", "status", "-w", "fields")
            .lines()
            .filter(line -> line.startsWith("\"MemberID\""))
            .map(line -> line.replaceAll(".*: ", ""))
            .findFirst()
            .orElseThrow();
    connection.write(
        MaintenanceGrpc.getAlarmMethod(),
        AlarmRequest.newBuilder()
            .setAction(AlarmRequest.AlarmAction.ACTIVATE)
            .setMemberID(Long.parseUnsignedLong(member))
            .setAlarm(AlarmType.NOSPACE)
            .build());

    assertThat(new Space(connection, 25_000).look())
        .anySatisfy(line -> assertThat(line.seen()).contains("NOSPACE"))
        .anySatisfy(line -> assertThat(line.verdict()).isEqualTo(Verdict.WARNING));
  }

  @Test
  void membersThatDifferAreToldWithTheKeys() throws Exception {
    try (EtcdCluster other = EtcdCluster.of(RELEASE, folder.resolve("other")).start()) {
      other.etcdctl("put", "a", "another value");

      List<Observation> seen =
          consistency(List.of(cluster.endpoints().get(0), other.endpoints().get(0)));

      assertThat(seen)
          .singleElement()
          .satisfies(
              line -> {
                assertThat(line.verdict()).isEqualTo(Verdict.PROBLEM);
                assertThat(line.seen()).contains("differ at revision 2 in a");
              });
    }
  }

  @Test
  void oneMemberIsComparedWithNobody() throws Exception {
    assertThat(worst(consistency(cluster.endpoints().subList(0, 1)))).isEqualTo(Verdict.FINE);
  }
}
