package io.lodestone.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import io.lodestone.api.ErrorCode;
import io.lodestone.api.LodestoneException;
import io.lodestone.api.etcdserverpb.KVGrpc;
import io.lodestone.api.etcdserverpb.RangeRequest;
import io.lodestone.api.etcdserverpb.WatchCreateRequest;
import io.lodestone.api.etcdserverpb.WatchGrpc;
import io.lodestone.api.etcdserverpb.WatchRequest;
import io.lodestone.api.etcdserverpb.WatchResponse;
import io.lodestone.etcdfile.db.DurableFiles;
import io.lodestone.peers.EtcdRelease;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What members refuse, and how they leave; etcdctl is told what stock etcd tells. */
@Tag("once")
@Timeout(240)
final class ClusterRulesTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir Path folder;

  private EmbeddedCluster cluster(String... flags) throws IOException {
    EmbeddedCluster cluster = EmbeddedCluster.of(3).folder(folder).flags(flags).start();
    cluster.names().forEach(name -> eventually(cluster, name, "put", "k", "1"));
    return cluster;
  }

  private static Etcdctl etcdctl(EmbeddedCluster cluster, String name) {
    return new Etcdctl(EtcdRelease.of("3.5"), cluster.member(name)).with("--command-timeout=30s");
  }

  private static String eventually(EmbeddedCluster cluster, String name, String... arguments) {
    return await()
        .atMost(PATIENCE)
        .pollDelay(Duration.ZERO)
        .ignoreExceptions()
        .until(() -> etcdctl(cluster, name).run(arguments), output -> true);
  }

  private static String id(EmbeddedCluster cluster, String at, String name) {
    return await()
        .atMost(PATIENCE)
        .ignoreExceptions()
        .until(
            () ->
                etcdctl(cluster, at)
                    .run("member", "list")
                    .lines()
                    .filter(line -> line.contains(", " + name + ","))
                    .findFirst()
                    .orElseThrow()
                    .split(",", -1)[0],
            found -> true);
  }

  private static String peerUrl(EmbeddedCluster cluster, String name) {
    return eventually(cluster, name, "member", "list")
        .replaceAll("(?s).*" + id(cluster, name, name) + "[^h]*(http://127[^,]*),.*", "$1");
  }

  private static String page(EmbeddedCluster cluster, String name, String path) throws Exception {
    URI url = URI.create(cluster.member(name).endpoint() + path);
    return HttpClient.newHttpClient()
        .send(HttpRequest.newBuilder(url).build(), BodyHandlers.ofString())
        .body();
  }

  /** How it ended. */
  private static CompletableFuture<Status> watch(ManagedChannel channel, boolean requireLeader) {
    Metadata headers = new Metadata();
    if (requireLeader) {
      headers.put(Metadata.Key.of("hasleader", Metadata.ASCII_STRING_MARSHALLER), "true");
    }
    CompletableFuture<Status> ended = new CompletableFuture<>();
    StreamObserver<WatchRequest> requests =
        WatchGrpc.newStub(channel)
            .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
            .watch(
                new StreamObserver<>() {
                  @Override
                  public void onNext(WatchResponse response) {}

                  @Override
                  public void onError(Throwable failure) {
                    ended.complete(Status.fromThrowable(failure));
                  }

                  @Override
                  public void onCompleted() {
                    ended.complete(Status.OK);
                  }
                });
    requests.onNext(
        WatchRequest.newBuilder()
            .setCreateRequest(WatchCreateRequest.newBuilder().setKey(ByteString.copyFromUtf8("k")))
            .build());
    return ended;
  }

  @Test
  void withoutALeaderOnlyThoseWhoInsistOnOneAreSentAway() throws Exception {
    try (EmbeddedCluster cluster = cluster()) {
      ManagedChannel channel =
          NettyChannelBuilder.forTarget(cluster.member("m1").target()).usePlaintext().build();
      try {
        CompletableFuture<Status> insists = watch(channel, true);
        CompletableFuture<Status> waits = watch(channel, false);
        assertThat(page(cluster, "m1", "/health")).contains("\"health\":\"true\"");

        cluster.stop("m2");
        cluster.stop("m3");

        await().atMost(PATIENCE).until(insists::isDone);
        assertThat(insists.join().getDescription()).isEqualTo(ErrorCode.NO_LEADER.text());
        assertThat(watch(channel, true).join().getDescription())
            .isEqualTo(ErrorCode.NO_LEADER.text());
        assertThat(waits).isNotDone();
        assertThat(page(cluster, "m1", "/health")).contains("RAFT NO LEADER");
        RangeRequest read = RangeRequest.newBuilder().setKey(ByteString.copyFromUtf8("k")).build();
        assertThatThrownBy(() -> KVGrpc.newBlockingStub(channel).range(read))
            .hasMessageContaining(ErrorCode.TIMEOUT.text());
        assertThat(page(cluster, "m1", "/metrics"))
            .contains("etcd_server_has_leader 0")
            .containsPattern("etcd_server_slow_read_indexes_total [1-9]");
        cluster.start("m2");
        await()
            .atMost(PATIENCE)
            .until(() -> page(cluster, "m1", "/health").contains("\"health\":\"true\""));
        assertThat(waits).isNotDone();
      } finally {
        channel.shutdownNow();
      }
    }
  }

  @Test
  void withOneMemberDownNoOtherIsAddedAndNoneThatIsUpIsRemoved() throws Exception {
    try (EmbeddedCluster cluster = cluster()) {
      String second = id(cluster, "m1", "m2");
      String third = id(cluster, "m1", "m3");
      String taken = "--peer-urls=" + peerUrl(cluster, "m1");
      await() // as long as they have not heard of each other
          .atMost(PATIENCE)
          .untilAsserted(
              () ->
                  assertRefused(cluster, "Peer URLs already exists", "member", "add", "m4", taken));
      cluster.stop("m3");
      await()
          .atMost(PATIENCE)
          .untilAsserted(
              () -> assertRefused(cluster, "unhealthy cluster", "member", "add", "m4", taken));
      assertRefused(
          cluster,
          "unhealthy cluster",
          "member",
          "add",
          "m4",
          "--learner",
          "--peer-urls=http://h:1");
      assertRefused(cluster, "unhealthy cluster", "member", "remove", second);

      assertThat(eventually(cluster, "m2", "member", "remove", third)).contains("removed from");
      assertThat(eventually(cluster, "m1", "put", "k", "2")).endsWith("OK\n");
    }
  }

  private static void assertRefused(EmbeddedCluster cluster, String text, String... arguments) {
    assertThatThrownBy(() -> etcdctl(cluster, "m1").run(arguments))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("etcdserver: " + text);
  }

  @Test
  void withoutTheStrictCheckAMemberIsAddedAlsoThen() throws Exception {
    try (EmbeddedCluster cluster = cluster("--strict-reconfig-check=false")) {
      cluster.stop("m3");
      assertThat(eventually(cluster, "m1", "member", "add", "m4", "--peer-urls=http://h:1"))
          .contains("added to cluster");
      assertThat(eventually(cluster, "m2", "member", "list")).contains("unstarted");
      assertThat(eventually(cluster, "m2", "put", "k", "2")).endsWith("OK\n");
    }
  }

  @Test
  void membersUpdateAndRemoveThemselves() throws Exception {
    try (EmbeddedCluster cluster = cluster()) {
      for (String name : cluster.names()) {
        String id = id(cluster, name, name);
        String renamed = peerUrl(cluster, name).replace("127.0.0.1", "localhost");
        assertThat(eventually(cluster, name, "member", "update", id, "--peer-urls=" + renamed))
            .contains("updated in cluster");
        assertThat(eventually(cluster, "m1", "member", "list")).contains(renamed);
      }
      assertThat(eventually(cluster, "m1", "put", "k", "2")).endsWith("OK\n");

      // One of them leads.
      for (String name : new String[] {"m2", "m3"}) {
        String id = id(cluster, name, name);
        removeItself(cluster, name, id);
        assertThat(eventually(cluster, "m1", "member", "list")).doesNotContain(id);
        assertThat(eventually(cluster, "m1", "put", "k", "3")).endsWith("OK\n");
      }
      assertThat(eventually(cluster, "m1", "get", "k")).endsWith("k\n3\n");
    }
  }

  @Test
  void aMemberThatLostItsDataIsNotTakenForANewOne() throws Exception {
    try (EmbeddedCluster cluster = cluster()) {
      String id = id(cluster, "m1", "m3");
      cluster.stop("m3");
      DurableFiles.deleteTree(folder.resolve("m3"));
      assertThatThrownBy(() -> cluster.start("m3"))
          .isInstanceOf(LodestoneException.class)
          .hasMessage("member " + id + " has already been bootstrapped");
      assertThat(eventually(cluster, "m1", "put", "k", "2")).endsWith("OK\n");
    }
  }

  /** Its answer may be lost with it. */
  private static void removeItself(EmbeddedCluster cluster, String name, String id) {
    await()
        .atMost(PATIENCE)
        .pollDelay(Duration.ZERO)
        .ignoreExceptions()
        .until(
            () -> {
              if (!etcdctl(cluster, "m1").run("member", "list").contains(id)) {
                return true;
              }
              return etcdctl(cluster, name).run("member", "remove", id).contains("removed from");
            });
  }
}
