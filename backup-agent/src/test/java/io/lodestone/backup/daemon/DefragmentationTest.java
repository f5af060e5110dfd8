package io.lodestone.backup.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.google.protobuf.ByteString;
import io.grpc.Channel;
import io.lodestone.api.etcdserverpb.DeleteRangeRequest;
import io.lodestone.api.etcdserverpb.KVGrpc;
import io.lodestone.api.etcdserverpb.PutRequest;
import io.lodestone.api.etcdserverpb.StatusResponse;
import io.lodestone.client.ClientOptions;
import io.lodestone.client.Endpoint;
import io.lodestone.client.EtcdConnection;
import io.lodestone.client.UnavailableException;
import io.lodestone.peers.EtcdCluster;
import io.lodestone.peers.EtcdRelease;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

class DefragmentationTest {
  @TempDir Path folder;

  @Test
  void eachMemberGetsSmallerTheLeaderLastAndOnlyWhileAllAreThere() throws Exception {
    try (EtcdCluster cluster = EtcdCluster.of(EtcdRelease.of("3.5"), folder).members(3).start();
        EtcdConnection connection =
            EtcdConnection.open(
                ClientOptions.of(cluster.endpoints().toArray(String[]::new))
                    .withTimeouts(Duration.ofSeconds(2), Duration.ofSeconds(2)))) {
      connection.compact(fillAndEmpty(cluster.channel(0)));
      long[] before = sizes(connection);
      Endpoint leader = leader(connection);

      assertThat(order(connection)).hasSize(3).last().isEqualTo(leader.toString());
      long[] after = sizes(connection);
      for (int i = 0; i < after.length; i++) {
        assertThat(after[i]).isLessThan(before[i] / 2);
      }

      cluster.member(0).kill();
      assertThatThrownBy(() -> new Defragmentation(connection).run())
          .isInstanceOf(UnavailableException.class);
    }
  }

  /** The members in the order in which they were done, as the log tells. */
  private static List<String> order(EtcdConnection connection) {
    Logger log = (Logger) LoggerFactory.getLogger(Defragmentation.class);
    ListAppender<ILoggingEvent> events = new ListAppender<>();
    Level before = log.getLevel();
    events.start();
    log.addAppender(events);
    log.setLevel(Level.INFO);
    try {
      new Defragmentation(connection).run();
    } finally {
      log.detachAppender(events);
      log.setLevel(before);
    }
    return events.list.stream()
        .map(event -> String.valueOf(event.getKeyValuePairs().get(0).value))
        .toList();
  }

  private static long fillAndEmpty(Channel channel) {
    KVGrpc.KVBlockingStub kv = KVGrpc.newBlockingStub(channel);
    ByteString key = ByteString.copyFromUtf8("key");
    ByteString value = ByteString.copyFrom(new byte[200_000]);
    for (int i = 0; i < 30; i++) {
      kv.put(PutRequest.newBuilder().setKey(key).setValue(value).build());
    }
    return kv.deleteRange(DeleteRangeRequest.newBuilder().setKey(key).build())
        .getHeader()
        .getRevision();
  }

  private static long[] sizes(EtcdConnection connection) {
    return connection.endpoints().stream()
        .flatMapToLong(endpoint -> LongStream.of(connection.status(endpoint).getDbSize()))
        .toArray();
  }

  private static Endpoint leader(EtcdConnection connection) {
    for (Endpoint endpoint : connection.endpoints()) {
      StatusResponse status = connection.status(endpoint);
      if (status.getLeader() == status.getHeader().getMemberId()) {
        return endpoint;
      }
    }
    throw new AssertionError("no member leads");
  }
}
