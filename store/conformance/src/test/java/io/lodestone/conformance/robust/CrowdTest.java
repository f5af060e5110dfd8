package io.lodestone.conformance.robust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.lodestone.api.etcdserverpb.KVGrpc;
import io.lodestone.api.etcdserverpb.KVGrpc.KVBlockingStub;
import io.lodestone.api.etcdserverpb.PutRequest;
import io.lodestone.conformance.Contestant;
import io.lodestone.conformance.Contestants;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Many at once; who is slow holds up nobody and costs little. */
@Timeout(120)
@Tag("once")
final class CrowdTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir Path folder;
  private Contestant store;
  private ManagedChannel channel;
  private KVBlockingStub kv;

  @BeforeEach
  void start() throws Exception {
    store = Contestants.candidate().startHasty(folder, "--max-concurrent-streams=100000");
    channel =
        NettyChannelBuilder.forTarget(store.endpoint())
            .usePlaintext()
            .flowControlWindow(64 << 10)
            .maxInboundMessageSize(Integer.MAX_VALUE)
            .build();
    kv = KVGrpc.newBlockingStub(channel);
  }

  @AfterEach
  void stop() {
    channel.shutdownNow();
    store.close();
  }

  private void put(String key, int valueBytes) {
    kv.put(
        PutRequest.newBuilder()
            .setKey(ByteString.copyFromUtf8(key))
            .setValue(ByteString.copyFrom(new byte[valueBytes]))
            .build());
  }

  private void tellTenThousandWatchesOn(int streams) {
    List<Watching> all = new ArrayList<>();
    int each = 10_000 / streams;
    for (int i = 0; i < streams; i++) {
      Watching stream = new Watching(channel).read(Integer.MAX_VALUE);
      for (int j = 0; j < each; j++) {
        stream.watch("k", 0);
      }
      all.add(stream);
    }
    await().atMost(PATIENCE).until(() -> all.stream().allMatch(s -> s.created.get() == each));

    for (int i = 0; i < 3; i++) {
      put("k" + i, 10);
      put("other", 10);
    }

    await().atMost(PATIENCE).until(() -> all.stream().allMatch(s -> s.events.get() >= 3L * each));
    assertThat(all).allMatch(s -> s.revisions.get() == (2L + 4 + 6) * each);
    assertThat(all).allMatch(s -> s.events.get() == 3L * each);
    all.forEach(Watching::close);
    put("k", 10);
  }

  @Test
  void tenThousandWatchesOnTenStreamsAreAllTold() {
    tellTenThousandWatchesOn(10);
  }

  @Test
  void tenThousandWatchesOnAThousandStreamsAreAllTold() {
    tellTenThousandWatchesOn(1000);
  }

  @Test
  void aThousandIdleConnectionsLeaveRoomForOthers() throws Exception {
    List<Socket> idle = new ArrayList<>();
    try {
      for (String words :
          List.of(
              "",
              "GET /version HTTP/1.1\r\nHost: a\r\nX-Slow: ",
              "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0",
              "POST /v3/kv/range HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n{")) {
        for (int i = 0; i < 250; i++) {
          idle.add(open(words));
        }
      }
      long began = System.nanoTime();
      for (int i = 0; i < 100; i++) {
        put("k" + i, 100);
      }
      assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(20));
      assertThat(idle).hasSize(1000).allMatch(CrowdTest::isOpen);
    } finally {
      for (Socket socket : idle) {
        socket.close();
      }
    }
  }

  private Socket open(String words) throws IOException {
    String[] address = store.endpoint().split(":", 2);
    Socket socket = new Socket(address[0], Integer.parseInt(address[1]));
    socket.getOutputStream().write(words.getBytes(StandardCharsets.ISO_8859_1));
    return socket;
  }

  /** What the server has said so far is read; its end would be as well. */
  private static boolean isOpen(Socket socket) {
    try {
      socket.setSoTimeout(1);
      byte[] said = new byte[1024];
      while (socket.getInputStream().read(said) >= 0) {
        assertThat(new String(said, StandardCharsets.ISO_8859_1)).doesNotContain("HTTP/1.1");
      }
      return false;
    } catch (SocketTimeoutException e) {
      // Nothing more is said, and the connection has not ended.
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /**
   * Together they could hold 40 GB; the store has half a gigabyte, and ends where it needs more.
   */
  @Test
  void aThousandSlowWatchersHoldLittleAndHoldUpNobody() {
    for (int i = 0; i < 400; i++) {
      put("k" + i, 50_000);
    }
    List<Watching> slow = new ArrayList<>();
    for (int i = 0; i < 1000; i++) {
      Watching stream = new Watching(channel).read(1);
      stream.watch("k", i % 2 == 0 ? 1 : 0);
      slow.add(stream);
    }
    await().atMost(PATIENCE).until(() -> slow.stream().allMatch(s -> s.created.get() == 1));
    ManagedChannel own =
        NettyChannelBuilder.forTarget(store.endpoint())
            .usePlaintext()
            .maxInboundMessageSize(Integer.MAX_VALUE)
            .build();
    Watching quick = new Watching(own).read(Integer.MAX_VALUE);
    quick.watch("k", 1);
    for (int i = 0; i < 400; i++) {
      put("k" + i, 50_000);
    }

    await().atMost(PATIENCE).until(() -> quick.events.get() == 800);
    assertThat(slow).allMatch(s -> s.events.get() == 0);
    for (Watching stream : slow.subList(0, 4)) {
      stream.read(Integer.MAX_VALUE);
    }
    await().atMost(PATIENCE).until(() -> slow.get(0).events.get() == 800);
    await().atMost(PATIENCE).until(() -> slow.get(1).events.get() == 400);
    assertThat(slow.get(0).revisions).hasValue(quick.revisions.get());
    own.shutdownNow();
  }
}
