package io.lodestone.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.ByteString;
import io.grpc.Channel;
import io.grpc.StatusRuntimeException;
import io.lodestone.api.etcdserverpb.KVGrpc;
import io.lodestone.api.etcdserverpb.PutRequest;
import io.lodestone.peers.ChildProcess;
import io.lodestone.peers.EtcdCluster;
import io.lodestone.peers.EtcdRelease;
import io.lodestone.peers.FlakyHttpProxy;
import io.lodestone.peers.S3Server;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Random;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How much is lost when a cluster and its agent die at the same moment, under writes. */
@Tag("once")
final class RecoveryPointTest {
  private static final Logger LOG = LoggerFactory.getLogger(RecoveryPointTest.class);
  private static final int ROUNDS = Integer.getInteger("lodestone.rpo.rounds", 1);
  private static final int WRITES_PER_SECOND = Integer.getInteger("lodestone.rpo.writes", 300);
  private static final int WRITERS = 16;
  private static final Duration SEAL_INTERVAL = Duration.ofSeconds(1);

  /**
   * What the way from the cluster to the agent, and its turn on the processor, may add. Where the
   * goal is measured it is 500 ms; a machine that is busy otherwise has minutes.
   */
  private static final Duration ON_THE_WAY =
      Duration.ofMillis(Long.getLong("lodestone.rpo.way.millis", 120_000));

  @TempDir Path folder;

  /** When each revision was acknowledged. */
  private final ConcurrentNavigableMap<Long, Long> acknowledged = new ConcurrentSkipListMap<>();

  private volatile boolean stopped;

  /**
   * @param lost from the acknowledgement of the oldest write that is lost to the kill
   * @param upload the longest one while nothing else went on
   */
  private record Loss(Duration lost, long revisions, Duration upload) {}

  @Test
  void noMoreIsLostThanWaitsToBeSealedAndIsOnItsWay() throws Exception {
    Random random = new Random(Long.getLong("lodestone.rpo.seed", 11));
    List<Loss> losses = new ArrayList<>();
    try (S3Server server = S3Server.start(Files.createDirectories(folder.resolve("s3")))) {
      for (int round = 0; round < ROUNDS; round++) {
        losses.add(loss(server, "round-" + round, random.nextInt(10_000)));
      }
    }
    List<Duration> lost = losses.stream().map(Loss::lost).sorted().toList();
    Duration median = lost.get(lost.size() / 2);
    LOG.atInfo()
        .addKeyValue("writesPerSecond", WRITES_PER_SECOND)
        .addKeyValue("medianMillis", median.toMillis())
        .addKeyValue("mostMillis", lost.get(lost.size() - 1).toMillis())
        .addKeyValue("rounds", ROUNDS)
        .log("lost");
    assertThat(median).isLessThan(SEAL_INTERVAL.plus(ON_THE_WAY));
    assertThat(losses)
        .allSatisfy(
            loss ->
                assertThat(loss.lost())
                    .isLessThan(SEAL_INTERVAL.plus(loss.upload()).plus(ON_THE_WAY)));
  }

  private Loss loss(S3Server server, String name, int killAfterMillis) throws Exception {
    acknowledged.clear();
    stopped = false;
    String repository = "s3://" + server.bucket() + "/" + name + "?endpoint=" + server.endpoint();
    Map<String, String> keys =
        Map.of(
            "AWS_ACCESS_KEY_ID", server.accessKey(), "AWS_SECRET_ACCESS_KEY", server.secretKey());
    Path log = folder.resolve(name + ".log");
    List<Thread> writers = new ArrayList<>();
    long killed;
    Duration upload;
    try (EtcdCluster source = EtcdCluster.of(EtcdRelease.of("3.5"), folder.resolve(name)).start();
        FlakyHttpProxy way = new FlakyHttpProxy(1);
        ChildProcess agent =
            Cli.start(
                log,
                through(way, keys),
                "backup",
                "run",
                "--endpoints",
                source.endpoints().get(0),
                "--repository",
                repository,
                "--seal-interval",
                SEAL_INTERVAL.toMillis() + "ms")) {
      for (int i = 0; i < WRITERS; i++) {
        Channel channel = source.channel(0);
        Thread writer = new Thread(() -> write(channel), "writer-" + i);
        writers.add(writer);
        writer.start();
      }
      await().atMost(Duration.ofMinutes(5)).until(() -> durable(keys, repository) > 50);
      way.forgetTimes();
      assertThat(agent.endsWithin(Duration.ofMillis(killAfterMillis))).isFalse();
      killed = System.nanoTime();
      agent.kill();
      source.member(0).kill();
      upload = way.slowest("PUT");
    } finally {
      stopped = true;
      for (Thread writer : writers) {
        writer.join();
      }
    }
    NavigableMap<Long, Long> lost = acknowledged.tailMap(durable(keys, repository), false);
    long nanos = lost.isEmpty() ? 0 : Math.max(0, killed - lost.firstEntry().getValue());
    Loss loss = new Loss(Duration.ofNanos(nanos), lost.size(), upload);
    LOG.atInfo()
        .addKeyValue("round", name)
        .addKeyValue("acknowledged", acknowledged.size())
        .addKeyValue("writesInTheLastSecond", writesBehind(killed - 1_000_000_000L))
        .addKeyValue("lostMillis", loss.lost().toMillis())
        .addKeyValue("lostRevisions", loss.revisions())
        .addKeyValue("slowestUploadMillis", upload.toMillis())
        .log("killed");
    return loss;
  }

  private long writesBehind(long nanos) {
    return acknowledged.values().stream().filter(at -> at > nanos).count();
  }

  private static Map<String, String> through(FlakyHttpProxy way, Map<String, String> keys) {
    Map<String, String> all = new HashMap<>(keys);
    all.put(
        "JAVA_TOOL_OPTIONS",
        "-Dhttp.proxyHost=127.0.0.1 -Dhttp.nonProxyHosts= -Dhttp.proxyPort=" + way.port());
    return all;
  }

  private void write(Channel channel) {
    KVGrpc.KVBlockingStub keys = KVGrpc.newBlockingStub(channel);
    long pauseNanos = 1_000_000_000L * WRITERS / WRITES_PER_SECOND;
    long next = System.nanoTime();
    ByteString value = ByteString.copyFrom(new byte[256]);
    ByteString key = ByteString.copyFromUtf8(Thread.currentThread().getName());
    try {
      while (!stopped) {
        PutRequest put = PutRequest.newBuilder().setKey(key).setValue(value).build();
        long revision =
            keys.withDeadlineAfter(5, TimeUnit.SECONDS).put(put).getHeader().getRevision();
        acknowledged.put(revision, System.nanoTime());
        next += pauseNanos;
        LockSupport.parkNanos(next - System.nanoTime());
      }
    } catch (StatusRuntimeException e) {
      // The source was killed, which is the point.
      return;
    }
  }

  /** The last revision in the repository; asked by a process that has the keys. */
  private long durable(Map<String, String> keys, String repository) throws Exception {
    Path out = Files.createTempFile(folder, "describe-", ".json");
    try (ChildProcess describe =
        Cli.start(
            out, keys, "backup", "describe", "--repository", repository, "--output", "json")) {
      if (describe.waitFor(240) != 0) {
        return 0;
      }
      String told = describe.output();
      JsonNode json = new ObjectMapper().readTree(told.substring(told.indexOf('{')));
      return json.path("lastRevision").asLong();
    }
  }
}
