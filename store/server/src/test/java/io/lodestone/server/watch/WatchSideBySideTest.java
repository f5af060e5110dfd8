package io.lodestone.server.watch;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.lodestone.api.authpb.Permission;
import io.lodestone.api.etcdserverpb.AuthEnableRequest;
import io.lodestone.api.etcdserverpb.AuthGrpc;
import io.lodestone.api.etcdserverpb.AuthRoleAddRequest;
import io.lodestone.api.etcdserverpb.AuthRoleGrantPermissionRequest;
import io.lodestone.api.etcdserverpb.AuthUserAddRequest;
import io.lodestone.api.etcdserverpb.AuthUserGrantRoleRequest;
import io.lodestone.api.etcdserverpb.AuthenticateRequest;
import io.lodestone.api.etcdserverpb.CompactionRequest;
import io.lodestone.api.etcdserverpb.DeleteRangeRequest;
import io.lodestone.api.etcdserverpb.KVGrpc;
import io.lodestone.api.etcdserverpb.PutRequest;
import io.lodestone.api.etcdserverpb.RequestOp;
import io.lodestone.api.etcdserverpb.TxnRequest;
import io.lodestone.api.etcdserverpb.WatchCreateRequest.FilterType;
import io.lodestone.api.etcdserverpb.WatchResponse;
import io.lodestone.peers.EtcdCluster;
import io.lodestone.peers.EtcdRelease;
import io.lodestone.server.EmbeddedStore;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The same requests to stock etcd and to us get the same responses, one for one. */
class WatchSideBySideTest {
  @TempDir Path folder;
  private EtcdCluster stock;
  private EmbeddedStore ours;
  private ManagedChannel ourChannel;

  @BeforeEach
  void start() throws Exception {
    stock = EtcdCluster.of(EtcdRelease.of("3.5"), folder.resolve("stock")).start();
    ours = EmbeddedStore.builder().dataDir(folder.resolve("ours")).start();
    ourChannel =
        NettyChannelBuilder.forTarget(ours.endpoint().replace("http://", ""))
            .usePlaintext()
            .maxInboundMessageSize(Integer.MAX_VALUE)
            .build();
  }

  @AfterEach
  void stop() throws Exception {
    ourChannel.shutdownNow();
    ours.close();
    stock.close();
  }

  /**
   * Plays on both and compares, watch by watch: in which order etcd serves the watches of a stream
   * is left to chance. The script says itself what it waits for.
   */
  private List<WatchResponse> same(Script script) {
    List<WatchResponse> theirs = play(stock.channel(0), script);
    List<WatchResponse> answers = play(ourChannel, script);
    assertThat(answers).isEqualTo(theirs);
    return answers;
  }

  private static List<WatchResponse> play(Channel channel, Script script) {
    try (WatchedServer watch = new WatchedServer(channel)) {
      watch.read(10_000);
      script.play(watch, new Writes(channel));
      return watch.await(watch.responses().size()).stream()
          .sorted(Comparator.comparingLong(WatchResponse::getWatchId))
          .toList();
    }
  }

  private interface Script {
    void play(WatchedServer watch, Writes writes);
  }

  private record Writes(Channel channel) {
    KVGrpc.KVBlockingStub kv() {
      return KVGrpc.newBlockingStub(channel);
    }

    void put(String key, String value) {
      kv().put(put(key, utf8(value)));
    }

    void put(String key, int bytes) {
      kv().put(put(key, ByteString.copyFrom(new byte[bytes])));
    }

    static PutRequest put(String key, ByteString value) {
      return PutRequest.newBuilder().setKey(utf8(key)).setValue(value).build();
    }

    void delete(String key, String end) {
      kv().deleteRange(
              DeleteRangeRequest.newBuilder().setKey(utf8(key)).setRangeEnd(utf8(end)).build());
    }

    void txn(Consumer<TxnRequest.Builder> operations) {
      TxnRequest.Builder txn = TxnRequest.newBuilder();
      operations.accept(txn);
      kv().txn(txn.build());
    }

    void compact(long revision) {
      kv().compact(CompactionRequest.newBuilder().setRevision(revision).build());
    }
  }

  private static ByteString utf8(String text) {
    return ByteString.copyFromUtf8(text);
  }

  @Test
  void liveEventsWithPreviousValuesAndFilters() {
    same(
        (watch, writes) -> {
          writes.put("a", "1");
          watch.create(WatchedServer.on("a"));
          watch.create(WatchedServer.on("a", "c").setPrevKv(true));
          watch.create(WatchedServer.on("", "\0").addFilters(FilterType.NOPUT));
          watch.create(WatchedServer.on("a", "\0").addFilters(FilterType.NODELETE));
          watch.create(WatchedServer.on(""));
          watch.await(5);
        });
    List<WatchResponse> answers =
        same(
            (watch, writes) -> {
              watch.create(WatchedServer.on("a", "c").setPrevKv(true));
              watch.await(1);
              writes.put("a", "2");
              watch.await(2);
              writes.put("b", "1");
              watch.await(3);
              writes.txn(
                  txn ->
                      txn.addSuccess(
                              RequestOp.newBuilder().setRequestPut(Writes.put("b", utf8("2"))))
                          .addSuccess(
                              RequestOp.newBuilder()
                                  .setRequestDeleteRange(
                                      DeleteRangeRequest.newBuilder().setKey(utf8("a")))));
              watch.await(4);
              writes.delete("a", "\0");
              watch.await(5);
            });
    assertThat(answers.get(4).getEvents(0).getPrevKv().getValue()).isEqualTo(utf8("2"));
  }

  @Test
  void idsAreGivenChosenAndRefused() {
    same(
        (watch, writes) -> {
          watch.create(WatchedServer.on("a").setWatchId(1));
          watch.await(1);
          watch.create(WatchedServer.on("a"));
          watch.await(2);
          watch.create(WatchedServer.on("a"));
          watch.await(3);
          watch.create(WatchedServer.on("a").setWatchId(1));
          watch.await(4);
          watch.create(WatchedServer.on("b", "a"));
          watch.await(5);
          watch.create(WatchedServer.on("a").setStartRevision(-1));
          watch.await(6);
          watch.cancel(99);
          watch.cancel(1);
          watch.await(7);
          watch.create(WatchedServer.on("z").setWatchId(1));
          watch.await(8);
        });
  }

  @Test
  void thePastThenThePresentThenTheFuture() {
    same(
        (watch, writes) -> {
          for (int i = 0; i < 5; i++) {
            writes.put("k" + i % 2, "v" + i);
          }
          watch.create(WatchedServer.on("k", "l").setStartRevision(2).setPrevKv(true));
          watch.await(2);
          writes.put("k9", "new");
          watch.await(3);
          watch.create(WatchedServer.on("k", "l").setStartRevision(9));
          watch.await(4);
          writes.put("k7", "7");
          watch.await(5);
          writes.put("k8", "8");
          watch.await(7);
          writes.put("k9", "9");
          watch.await(9);
        });
  }

  @Test
  void compactedHistoryEndsAWatch() {
    same(
        (watch, writes) -> {
          for (int i = 0; i < 9; i++) {
            writes.put("k", "v" + i);
          }
          writes.compact(6);
          watch.create(WatchedServer.on("k").setStartRevision(3));
          watch.await(2);
          watch.create(WatchedServer.on("k").setStartRevision(6));
          watch.await(4);
        });
  }

  @Test
  void progressIsToldWhenAskedForAndSynced() {
    same(
        (watch, writes) -> {
          watch.create(WatchedServer.on("a"));
          watch.await(1);
          writes.put("b", "1");
          watch.progress();
          watch.await(2);
        });
  }

  @Test
  void aLargeRevisionComesInFragmentsToWhoWantsThem() {
    List<WatchResponse> answers =
        same(
            (watch, writes) -> {
              for (int i = 0; i < 12; i++) {
                writes.put("k" + (char) ('a' + i), 400_000);
              }
              watch.create(WatchedServer.on("k", "l").setFragment(true).setStartRevision(2));
              watch.await(2);
              long start = System.nanoTime();
              while (!isWhole(watch.responses()) && System.nanoTime() - start < 20_000_000_000L) {
                Thread.onSpinWait();
              }
            });
    assertThat(answers.size()).isGreaterThan(2);
  }

  private static boolean isWhole(List<WatchResponse> responses) {
    return responses.stream().mapToInt(WatchResponse::getEventsCount).sum() == 12;
  }

  @Test
  void refusalsOfLoginsHaveEtcdsReasons() {
    enableAuth(stock.channel(0));
    enableAuth(ourChannel);
    same(
        (watch, writes) -> {
          watch.create(WatchedServer.on("a"));
          watch.await(1);
        });
    for (String key : List.of("a", "b")) {
      Script create =
          (watch, writes) -> {
            watch.create(WatchedServer.on(key));
            watch.await(1);
          };
      assertThat(play(WatchedServer.withToken(ourChannel, login(ourChannel)), create))
          .isEqualTo(
              play(WatchedServer.withToken(stock.channel(0), login(stock.channel(0))), create));
      assertThat(play(WatchedServer.withToken(ourChannel, "nonsense.7"), create))
          .isEqualTo(play(WatchedServer.withToken(stock.channel(0), "nonsense.7"), create));
    }
  }

  private static void enableAuth(Channel channel) {
    AuthGrpc.AuthBlockingStub auth = AuthGrpc.newBlockingStub(channel);
    for (String user : List.of("root", "ann")) {
      auth.userAdd(AuthUserAddRequest.newBuilder().setName(user).setPassword("pass").build());
    }
    auth.roleAdd(AuthRoleAddRequest.newBuilder().setName("reader").build());
    auth.roleGrantPermission(
        AuthRoleGrantPermissionRequest.newBuilder()
            .setName("reader")
            .setPerm(Permission.newBuilder().setKey(utf8("a")))
            .build());
    auth.userGrantRole(
        AuthUserGrantRoleRequest.newBuilder().setUser("ann").setRole("reader").build());
    auth.userGrantRole(
        AuthUserGrantRoleRequest.newBuilder().setUser("root").setRole("root").build());
    auth.authEnable(AuthEnableRequest.getDefaultInstance());
  }

  private static String login(Channel channel) {
    return AuthGrpc.newBlockingStub(channel)
        .authenticate(AuthenticateRequest.newBuilder().setName("ann").setPassword("pass").build())
        .getToken();
  }
}
