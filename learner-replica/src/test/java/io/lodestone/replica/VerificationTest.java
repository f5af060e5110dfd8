package io.lodestone.replica;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.lodestone.api.etcdserverpb.InternalRaftRequest;
import io.lodestone.api.etcdserverpb.PutRequest;
import io.lodestone.client.ClientOptions;
import io.lodestone.client.EtcdConnection;
import io.lodestone.mvcc.Durability;
import io.lodestone.mvcc.Engine;
import io.lodestone.mvcc.EngineOptions;
import io.lodestone.mvcc.log.LogEntry;
import io.lodestone.peers.EtcdCluster;
import io.lodestone.peers.EtcdRelease;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A replica looks by itself whether it is what its source is. */
@Timeout(120)
final class VerificationTest {
  private static final Duration INTERVAL = Duration.ofMillis(100);

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"3.4", "3.5"})
  void aTrueCopyIsProvedAgainAndAgain(String minor) throws Exception {
    try (EtcdCluster source =
            EtcdCluster.of(EtcdRelease.of(minor), folder.resolve("source")).start();
        RunningReplica replica =
            RunningReplica.start(source.endpoints(), folder.resolve("replica"))) {
      source.etcdctl("put", "a", "1");
      awaitProved(replica.awaitRevision(2), 2);
      source.etcdctl("put", "a", "2");
      source.etcdctl("compact", "2");
      awaitProved(replica, 3);
      assertThat(metrics(replica)).contains("lodestone_replica_differences_total 0");
    }
  }

  private static void awaitProved(RunningReplica replica, long revision) {
    await()
        .atMost(30, TimeUnit.SECONDS)
        .untilAsserted(
            () ->
                assertThat(metrics(replica))
                    .contains("lodestone_replica_proved_revision " + revision));
  }

  private static String metrics(RunningReplica replica) throws Exception {
    URI page = URI.create("http://" + replica.endpoint() + "/metrics");
    return HttpClient.newHttpClient()
        .send(HttpRequest.newBuilder(page).build(), BodyHandlers.ofString())
        .body()
        .replace(".0\n", "\n");
  }

  @Test
  void aCopyThatIsNotTrueIsTold() throws Exception {
    VerificationRecord record = new VerificationRecord(Clock.systemUTC());
    try (EtcdCluster source =
            EtcdCluster.of(EtcdRelease.of("3.5"), folder.resolve("source")).start();
        EtcdConnection connection =
            EtcdConnection.open(ClientOptions.of(source.endpoints().get(0)));
        Engine engine = Engine.open(folder.resolve("engine"), EngineOptions.DEFAULT);
        Verification verification = new Verification(engine, connection, record)) {
      source.etcdctl("put", "a", "1");
      engine.apply(List.of(put("a", "something else")), Durability.SYNCED);
      verification.start(INTERVAL);

      await().atMost(30, TimeUnit.SECONDS).until(() -> record.differences() > 0);
      assertThat(record.provedRevision()).isZero();
    }
  }

  private static LogEntry put(String key, String value) {
    PutRequest put =
        PutRequest.newBuilder()
            .setKey(ByteString.copyFromUtf8(key))
            .setValue(ByteString.copyFromUtf8(value))
            .build();
    return new LogEntry(1, 1, InternalRaftRequest.newBuilder().setPut(put).build());
  }
}
