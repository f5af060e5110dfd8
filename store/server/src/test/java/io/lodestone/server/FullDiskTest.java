package io.lodestone.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.lodestone.api.etcdserverpb.KVGrpc;
import io.lodestone.api.etcdserverpb.KVGrpc.KVBlockingStub;
import io.lodestone.api.etcdserverpb.PutRequest;
import io.lodestone.api.etcdserverpb.RangeRequest;
import io.lodestone.peers.SmallDisk;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What clients and the one who looks after the server are told while its disk is full. */
@Timeout(90)
final class FullDiskTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final ByteString KEY = ByteString.copyFromUtf8("k");

  @TempDir Path folder;

  private static long put(KVBlockingStub kv) {
    byte[] value = new byte[20_000];
    new Random(3).nextBytes(value);
    PutRequest put =
        PutRequest.newBuilder().setKey(KEY).setValue(ByteString.copyFrom(value)).build();
    return kv.put(put).getHeader().getRevision();
  }

  /** Revision of the last put that was acknowledged, and how the first one after it failed. */
  private record End(long revision, Status failure) {}

  private static End putUntilRefused(KVBlockingStub kv) {
    long revision = 1;
    for (int i = 0; i < 10_000; i++) {
      try {
        revision = put(kv);
      } catch (StatusRuntimeException e) {
        return new End(revision, e.getStatus());
      }
    }
    throw new AssertionError("10000 puts fitted on a full disk");
  }

  private static long get(KVBlockingStub kv) {
    return kv.range(RangeRequest.newBuilder().setKey(KEY).build()).getKvs(0).getModRevision();
  }

  private static HttpResponse<String> health(EmbeddedStore store)
      throws IOException, InterruptedException {
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(URI.create(store.endpoint() + "/health")).build(),
            BodyHandlers.ofString());
  }

  @Test
  void writesAreRefusedClearlyReadsGoOnAndRoomHealsIt() throws Exception {
    try (SmallDisk disk = SmallDisk.make(Files.createDirectory(folder.resolve("disk")), 96);
        EmbeddedStore store = EmbeddedStore.builder().dataDir(disk.root().resolve("m1")).start()) {
      ManagedChannel channel = NettyChannelBuilder.forTarget(store.target()).usePlaintext().build();
      KVBlockingStub kv = KVGrpc.newBlockingStub(channel);
      put(kv);
      disk.fill();

      End end = putUntilRefused(kv);

      assertThat(end.failure().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
      assertThat(end.failure().getDescription()).isEqualTo("etcdserver: no space left on device");
      assertThat(get(kv)).isEqualTo(end.revision());
      HttpResponse<String> sick = health(store);
      assertThat(sick.statusCode()).isEqualTo(503);
      assertThat(sick.body()).contains("{\"health\":\"false\",\"reason\":\"DISK FULL\"}");

      disk.makeRoom();
      await().atMost(PATIENCE).until(() -> health(store).statusCode() == 200);

      assertThat(put(kv)).isEqualTo(end.revision() + 1);
      assertThat(get(kv)).isEqualTo(end.revision() + 1);
      channel.shutdownNow();
    }
  }
}
