package io.lodestone.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.Watch;
import io.lodestone.peers.EtcdRelease;
import io.lodestone.peers.FreePorts;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Members come and go while a cluster serves; etcdctl is told what stock etcd tells. */
@Tag("once")
@Timeout(240)
final class ClusterChangesTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir Path folder;

  private static Etcdctl etcdctl(EmbeddedStore store) {
    return new Etcdctl(EtcdRelease.of("3.5"), store).with("--command-timeout", "30s");
  }

  /**
   * Warnings of etcdctl may stand before what it prints. Tried again while there is no leader, or
   * one has not heard all others yet.
   */
  private static String eventually(Etcdctl etcdctl, String... arguments) {
    return await()
        .atMost(PATIENCE)
        .pollDelay(Duration.ZERO)
        .ignoreExceptions()
        .until(() -> etcdctl.run(arguments), output -> true);
  }

  /** Until it fails so: members that are busy may say something else first. */
  private static void awaitFailure(String text, Etcdctl etcdctl, String... arguments) {
    await()
        .atMost(PATIENCE)
        .pollDelay(Duration.ZERO)
        .untilAsserted(
            () ->
                assertThatThrownBy(() -> etcdctl.run(arguments))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining(text));
  }

  private static String url(int port) {
    return "http://127.0.0.1:" + port;
  }

  /** Adds a member, unless an attempt that was not answered has done so; returns its id. */
  private static String add(Etcdctl etcdctl, int port, String... flags) {
    List<String> command = new ArrayList<>(List.of("member", "add", "new"));
    command.addAll(List.of(flags));
    command.add("--peer-urls=" + url(port));
    change(etcdctl, "Peer URLs already exists", command.toArray(String[]::new));
    return members(etcdctl).stream()
        .filter(line -> line.contains(url(port)))
        .findFirst()
        .orElseThrow()
        .split(",", -1)[0];
  }

  /** Until it is done; {@code already} is what is said of a change that was done before. */
  private static void change(Etcdctl etcdctl, String already, String... arguments) {
    await()
        .atMost(PATIENCE)
        .pollDelay(Duration.ZERO)
        .ignoreExceptions()
        .until(
            () -> {
              try {
                etcdctl.run(arguments);
                return true;
              } catch (IOException e) {
                return e.getMessage().contains("etcdserver: " + already)
                    && !e.getMessage().contains("in sync");
              }
            });
  }

  /** Lines of id, state, name, peer URLs and more. */
  private static List<String> members(Etcdctl etcdctl) {
    return eventually(etcdctl, "member", "list")
        .lines()
        .filter(line -> line.contains("started, "))
        .toList();
  }

  private EmbeddedStore join(String name, int peerPort, Etcdctl cluster) throws IOException {
    String all =
        members(cluster).stream()
            .map(line -> line.split(", ", -1))
            .map(member -> (member[2].isEmpty() ? name : member[2]) + "=" + member[3])
            .collect(Collectors.joining(","));
    return EmbeddedStore.builder()
        .dataDir(folder.resolve(name))
        .port(FreePorts.take(1).get(0))
        .flags(
            "--name=" + name,
            "--listen-peer-urls=" + url(peerPort),
            "--initial-advertise-peer-urls=" + url(peerPort),
            "--initial-cluster=" + all,
            "--initial-cluster-state=existing")
        .start();
  }

  @Test
  void aLearnerJoinsIsPromotedAndLeaves() throws Exception {
    try (EmbeddedCluster cluster = EmbeddedCluster.of(3).folder(folder).start()) {
      Etcdctl etcdctl = etcdctl(cluster.member("m2"));
      eventually(etcdctl, "put", "k", "1");
      int port = FreePorts.take(1).get(0);

      String id = add(etcdctl, port, "--learner");
      awaitFailure(
          "etcdserver: can only promote a learner member which is in sync with leader",
          etcdctl,
          "member",
          "promote",
          id);
      awaitFailure(
          "etcdserver: too many learner members in cluster",
          etcdctl,
          "member",
          "add",
          "m5",
          "--learner",
          "--peer-urls=http://h:1");

      try (EmbeddedStore learner = join("m4", port, etcdctl)) {
        Etcdctl atLearner = etcdctl(learner);
        await()
            .atMost(PATIENCE)
            .ignoreExceptions()
            .until(() -> atLearner.run("get", "k", "--consistency", "s").endsWith("k\n1\n"));
        awaitFailure("etcdserver: rpc not supported for learner", atLearner, "get", "k");
        awaitFailure("etcdserver: rpc not supported for learner", atLearner, "put", "k", "2");

        change(etcdctl, "can only promote a learner member", "member", "promote", id);
        awaitFailure(
            "etcdserver: can only promote a learner member", etcdctl, "member", "promote", id);
        assertThat(eventually(atLearner, "put", "k", "2")).endsWith("OK\n");

        assertThat(metrics(cluster.member("m1"), cluster.member("m2"), cluster.member("m3")))
            .containsPattern("etcd_network_snapshot_send_success\\{To=\"" + id + "\"} [1-9]")
            .containsPattern(
                "etcd_network_snapshot_send_total_duration_seconds_count\\{To=\""
                    + id
                    + "\"} [1-9]")
            .containsPattern("etcd_server_learner_promote_successes 1")
            .contains(
                "etcd_server_learner_promote_failures{Reason=\"etcdserver: can only promote a"
                    + " learner member which is in sync with leader\"}");
        assertThat(metrics(learner))
            .containsPattern("etcd_network_snapshot_receive_success\\{From=\"[0-9a-f]+\"} [1-9]")
            .contains("etcd_server_snapshot_apply_in_progress_total 0");

        change(etcdctl, "member not found", "member", "remove", id);
        assertThat(eventually(etcdctl, "member", "list")).doesNotContain("m4");
        assertThat(eventually(etcdctl, "get", "k")).endsWith("k\n2\n");
      }
    }
  }

  private static String metrics(EmbeddedStore... members) throws Exception {
    StringBuilder told = new StringBuilder();
    for (EmbeddedStore member : members) {
      HttpRequest page = HttpRequest.newBuilder(URI.create(member.endpoint() + "/metrics")).build();
      told.append(HttpClient.newHttpClient().send(page, BodyHandlers.ofString()).body());
    }
    return told.toString();
  }

  @Test
  void theLeaderIsMovedAndThenRemoved() throws Exception {
    try (EmbeddedCluster cluster = EmbeddedCluster.of(3).folder(folder).start()) {
      Etcdctl all =
          new Etcdctl(
                  EtcdRelease.of("3.5"), String.join(",", List.of(cluster.endpoints())), List.of())
              .with("--command-timeout", "30s");
      eventually(all, "put", "k", "1");
      String second =
          members(etcdctl(cluster.member("m1"))).stream()
              .filter(line -> line.contains(", m2,"))
              .findFirst()
              .orElseThrow()
              .split(",", -1)[0];

      await()
          .atMost(PATIENCE)
          .ignoreExceptions()
          .until(
              () ->
                  leads(cluster.member("m2"))
                      || all.run("move-leader", second).contains("transferred"));
      await().atMost(PATIENCE).ignoreExceptions().until(() -> leads(cluster.member("m2")));
      change(etcdctl(cluster.member("m1")), "member not found", "member", "remove", second);

      assertThat(eventually(etcdctl(cluster.member("m1")), "put", "k", "2")).endsWith("OK\n");
      assertThat(eventually(etcdctl(cluster.member("m3")), "get", "k")).endsWith("k\n2\n");
      assertThat(eventually(etcdctl(cluster.member("m3")), "member", "list")).doesNotContain("m2");
    }
  }

  private static boolean leads(EmbeddedStore store) throws Exception {
    String status = etcdctl(store).run("endpoint", "status", "-w", "fields");
    Matcher member = Pattern.compile("\"MemberID\" : (\\d+)").matcher(status);
    Matcher leader = Pattern.compile("\"Leader\" : (\\d+)").matcher(status);
    return member.find() && leader.find() && member.group(1).equals(leader.group(1));
  }

  private static String[] peerFlags(int port) {
    return new String[] {
      "--name=m1", "--listen-peer-urls=" + url(port), "--initial-advertise-peer-urls=" + url(port)
    };
  }

  private static ByteSequence bytes(String text) {
    return ByteSequence.from(text, StandardCharsets.UTF_8);
  }

  @Test
  void aLoneMemberGrowsWhileItServesAndIsAloneAgainByForce() throws Exception {
    String[] flags = peerFlags(FreePorts.take(1).get(0));
    Path data = folder.resolve("m1");
    try (EmbeddedStore first = EmbeddedStore.builder().dataDir(data).flags(flags).start();
        Client client = Client.builder().endpoints(first.endpoint()).build()) {
      List<String> watched = new CopyOnWriteArrayList<>();
      Watch.Watcher watcher =
          client
              .getWatchClient()
              .watch(
                  bytes("k"),
                  Watch.listener(
                      response ->
                          response
                              .getEvents()
                              .forEach(event -> watched.add(event.getKeyValue().getValue() + "")),
                      failure -> watched.add("failed"),
                      () -> watched.add("ended")));
      Etcdctl etcdctl = etcdctl(first);
      String lease = etcdctl.run("lease", "grant", "1000").split(" ", -1)[1];
      assertThat(etcdctl.run("put", "k", "1", "--lease", lease)).isEqualTo("OK\n");

      int port = FreePorts.take(1).get(0);
      String id = add(etcdctl, port, "--learner");
      assertThat(etcdctl.run("put", "k", "2")).isEqualTo("OK\n");
      try (EmbeddedStore second = join("m2", port, etcdctl)) {
        change(etcdctl, "can only promote a learner member", "member", "promote", id);
        assertThat(eventually(etcdctl(second), "get", "k")).endsWith("k\n2\n");
        assertThat(eventually(etcdctl(second), "lease", "list")).contains(lease);
        assertThat(eventually(etcdctl(second), "put", "k", "3")).endsWith("OK\n");
        await().atMost(PATIENCE).until(() -> watched.contains("3"));
        assertThat(watched).containsExactly("1", "2", "3");
        assertThat(eventually(etcdctl, "lease", "timetolive", lease))
            .matches("(?s).*granted with TTL\\(1000s\\), remaining\\([0-9]{3}s\\).*");
        await()
            .atMost(PATIENCE)
            .ignoreExceptions()
            .until(() -> etcdctl.run("member", "list").contains("started, m2"));
      }
      watcher.close();
    }
    try (EmbeddedStore alone =
        EmbeddedStore.builder().dataDir(data).flags(flags).flags("--force-new-cluster").start()) {
      assertThat(eventually(etcdctl(alone), "get", "k")).endsWith("k\n3\n");
      assertThat(eventually(etcdctl(alone), "put", "k", "4")).endsWith("OK\n");
      assertThat(eventually(etcdctl(alone), "member", "list")).doesNotContain("m2");
    }
  }

  @Test
  void aLoneMemberThatCannotListenToOthersStaysAlone() throws Exception {
    int peer = FreePorts.take(1).get(0);
    int port = FreePorts.take(1).get(0);
    Path data = folder.resolve("m1");
    try (EmbeddedStore store =
        EmbeddedStore.builder().dataDir(data).flags(peerFlags(peer)).start()) {
      Etcdctl etcdctl = etcdctl(store);
      try (ServerSocket taken = new ServerSocket(peer, 1, InetAddress.getLoopbackAddress())) {
        assertThat(taken.isBound()).isTrue();
        awaitFailure("cannot listen at 127.0.0.1:" + peer, etcdctl, memberAdd(port));
      }
      assertThat(etcdctl.run("put", "k", "1")).isEqualTo("OK\n");
      assertThat(data.resolve("raft")).doesNotExist();

      assertThat(etcdctl.run(memberAdd(port))).contains("added to cluster");
      assertThat(etcdctl.run("put", "k", "2")).isEqualTo("OK\n");
    }
    try (EmbeddedStore again =
        EmbeddedStore.builder().dataDir(data).flags(peerFlags(peer)).start()) {
      assertThat(eventually(etcdctl(again), "get", "k")).endsWith("k\n2\n");
      assertThat(eventually(etcdctl(again), "member", "list")).contains("unstarted");
    }
  }

  private static String[] memberAdd(int port) {
    return new String[] {"member", "add", "m2", "--peer-urls=" + url(port)};
  }

  @Test
  void anEmbeddedStoreWithoutAPeerUrlStaysAlone() throws Exception {
    try (EmbeddedStore store = EmbeddedStore.builder().dataDir(folder.resolve("m1")).start()) {
      awaitFailure("not enough started members", etcdctl(store), memberAdd(1));
      assertThat(etcdctl(store).run("put", "k", "1")).isEqualTo("OK\n");
    }
  }
}
