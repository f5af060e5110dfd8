package io.lodestone.server.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.lodestone.api.etcdserverpb.KVGrpc;
import io.lodestone.api.etcdserverpb.PutRequest;
import io.lodestone.api.etcdserverpb.WatchResponse;
import io.lodestone.server.EmbeddedStore;
import java.time.Duration;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SlowClientTest {
  private EmbeddedStore store;
  private ManagedChannel channel;

  @BeforeEach
  void start() throws Exception {
    store =
        EmbeddedStore.builder()
            .flags("--experimental-watch-progress-notify-interval=100ms")
            .start();
    channel =
        NettyChannelBuilder.forTarget(store.endpoint().replace("http://", ""))
            .usePlaintext()
            .maxInboundMessageSize(Integer.MAX_VALUE)
            .build();
  }

  @AfterEach
  void stop() throws Exception {
    channel.shutdownNow();
    store.close();
  }

  private void put(int count, int bytes) {
    ByteString value = ByteString.copyFrom(new byte[bytes]);
    for (int i = 0; i < count; i++) {
      KVGrpc.newBlockingStub(channel)
          .put(
              PutRequest.newBuilder()
                  .setKey(ByteString.copyFromUtf8("k" + i))
                  .setValue(value)
                  .build());
    }
  }

  private static List<Long> revisions(WatchedServer watch) {
    return watch.responses().stream()
        .flatMap(response -> response.getEventsList().stream())
        .map(event -> event.getKv().getModRevision())
        .toList();
  }

  /** Far more than all buffers on the way hold. */
  @Test
  void whoReadsLateMissesNothingAndNobodyElseWaits() {
    try (WatchedServer slow = new WatchedServer(channel);
        WatchedServer quick = new WatchedServer(channel)) {
      for (int i = 0; i < 3; i++) {
        slow.create(WatchedServer.on("k", "l"));
      }
      slow.read(3).await(3);
      quick.create(WatchedServer.on("k", "l"));
      quick.read(100_000).await(1);
      put(1500, 10_000);
      List<Long> all = LongStream.rangeClosed(2, 1501).boxed().toList();
      await().atMost(Duration.ofSeconds(20)).until(() -> revisions(quick).size() == 1500);
      assertThat(revisions(quick)).isEqualTo(all);
      assertThat(slow.responses()).hasSize(3);
      slow.read(100_000);
      await().atMost(Duration.ofSeconds(20)).until(() -> revisions(slow).size() == 4500);
      for (long id = 0; id < 3; id++) {
        assertThat(revisionsOf(slow, id)).isEqualTo(all);
      }
    }
  }

  private static List<Long> revisionsOf(WatchedServer watch, long id) {
    return watch.responses().stream()
        .filter(response -> response.getWatchId() == id)
        .flatMap(response -> response.getEventsList().stream())
        .map(event -> event.getKv().getModRevision())
        .toList();
  }

  @Test
  void whoIsIdleHearsOfProgressIfItWants() {
    try (WatchedServer watch = new WatchedServer(channel)) {
      watch.read(100).create(WatchedServer.on("other").setProgressNotify(true));
      watch.await(1);
      put(3, 10);
      await()
          .atMost(Duration.ofSeconds(20))
          .until(() -> watch.responses().stream().anyMatch(response -> isProgress(response, 0, 4)));
    }
  }

  private static boolean isProgress(WatchResponse response, long id, long revision) {
    return response.getWatchId() == id
        && !response.getCreated()
        && response.getEventsCount() == 0
        && response.getHeader().getRevision() == revision;
  }

  /** A client that asks without end and never reads does not fill the server's memory. */
  @Test
  void requestsWaitForTheirAnswersToBeRead() {
    try (WatchedServer watch = new WatchedServer(channel)) {
      for (int i = 0; i < 20_000; i++) {
        watch.create(WatchedServer.on("k").setStartRevision(-1));
      }
      watch.read(20_000);
      assertThat(watch.await(20_000)).allMatch(WatchResponse::getCanceled);
    }
  }
}
