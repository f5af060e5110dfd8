package io.lodestone.backup.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.lodestone.api.LodestoneException;
import io.lodestone.api.etcdserverpb.KVGrpc;
import io.lodestone.api.etcdserverpb.PutRequest;
import io.lodestone.backup.config.AgentConfigFile;
import io.lodestone.peers.EtcdCluster;
import io.lodestone.peers.EtcdRelease;
import io.lodestone.peers.S3Server;
import io.lodestone.repository.Description.LineageDescription;
import io.lodestone.repository.Repository;
import io.lodestone.repository.VerifyReport;
import io.lodestone.repository.keys.Keyset;
import io.lodestone.repository.objects.Credentials;
import io.lodestone.repository.objects.ObjectStores;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an agent does where something outside is not as it should be. */
@Tag("once")
class AgentTroubleTest {
  @TempDir Path folder;

  private EtcdCluster start(String name) throws Exception {
    return EtcdCluster.of(EtcdRelease.of("3.5"), folder.resolve(name)).start();
  }

  private static long put(EtcdCluster cluster) {
    PutRequest put = PutRequest.newBuilder().setKey(ByteString.copyFromUtf8("key")).build();
    return KVGrpc.newBlockingStub(cluster.channel(0)).put(put).getHeader().getRevision();
  }

  private static String cluster(EtcdCluster cluster, String repository) {
    return "{source: {endpoints: "
        + cluster.endpoints()
        + "}, seal-interval: 100ms, repository: "
        + repository
        + "}";
  }

  private String s3(S3Server server, String bucket, String secret) throws IOException {
    Path access = folder.resolve("access");
    Path secretFile = folder.resolve("secret-" + secret.hashCode());
    Files.writeString(access, server.accessKey());
    Files.writeString(secretFile, secret);
    return "{address: 's3://"
        + bucket
        + "/backups?endpoint="
        + server.endpoint()
        + "', access-key-file: "
        + access
        + ", secret-key-file: "
        + secretFile
        + "}";
  }

  @Test
  void storesThatRefuseAreNamedWithTheReasonWhileTheOthersAreWritten() throws Exception {
    try (S3Server server = S3Server.start(Files.createDirectory(folder.resolve("s3")));
        EtcdCluster source = start("source");
        RunningDaemon agent =
            new RunningDaemon(
                folder,
                "agent",
                "clusters:",
                "  good: " + cluster(source, s3(server, server.bucket(), server.secretKey())),
                "  no-bucket: " + cluster(source, s3(server, "absent", server.secretKey())),
                "  expired: " + cluster(source, s3(server, server.bucket(), "expired")),
                "  read-only: " + cluster(source, "/sys/lodestone"))) {
      agent.awaitDurable("good", put(source));
      agent.awaitState("no-bucket", "failing");
      agent.awaitState("expired", "failing");
      agent.awaitState("read-only", "failing");

      assertThat(agent.get("/health").body().lines())
          .contains("good writing")
          .anySatisfy(line -> assertThat(line).startsWith("no-bucket failing").contains("absent"))
          .anySatisfy(line -> assertThat(line).startsWith("expired failing").contains("403"))
          .anySatisfy(line -> assertThat(line).startsWith("read-only failing").contains("/sys/"));
      agent.awaitDurable("good", put(source));
    }
  }

  @Test
  void anotherClusterBehindTheSameSettingsGetsAHistoryOfItsOwn() throws Exception {
    String repository = folder.resolve("repository").toString();
    for (String name : new String[] {"one", "two"}) {
      try (EtcdCluster source = start(name);
          RunningDaemon agent =
              new RunningDaemon(
                  folder, "agent", "clusters:", "  prod: " + cluster(source, repository))) {
        agent.awaitDurable("prod", put(source));
      }
    }
    try (Repository opened = Repository.open(ObjectStores.open(repository))) {
      assertThat(opened.lineages()).hasSize(2);
      assertThat(opened.verify(VerifyReport.Progress.NONE).isIntact()).isTrue();
    }
  }

  @Test
  void endpointsOfTwoClustersInOneListAreNotMixed() throws Exception {
    String repository = folder.resolve("repository").toString();
    try (EtcdCluster one = start("one");
        EtcdCluster two = start("two")) {
      String both = one.member(0).endpoint() + ", " + two.member(0).endpoint();
      try (RunningDaemon agent =
          new RunningDaemon(
              folder,
              "agent",
              "clusters:",
              "  prod: {source: {endpoints: [" + both + "]}, repository: " + repository + "}")) {
        agent.awaitState("prod", "failing");
        assertThat(agent.get("/health").body()).contains("belongs to cluster");
      }
    }
  }

  @Test
  void aPortThatIsTakenRefusesTheStart() throws Exception {
    try (EtcdCluster source = start("source");
        RunningDaemon agent =
            new RunningDaemon(
                folder,
                "one",
                "clusters:",
                "  prod: " + cluster(source, folder.resolve("repository").toString()))) {
      int taken = agent.port();
      Path settings = folder.resolve("taken.yaml");
      Files.writeString(
          settings,
          "listen: 127.0.0.1:"
              + taken
              + "\nclusters: {a: {source: {endpoints: b}, repository: /c}}");
      assertThatThrownBy(() -> AgentDaemon.start(new AgentConfigFile(settings, Map.of())).close())
          .isInstanceOfSatisfying(
              LodestoneException.class, e -> assertThat(e.hint()).contains("listen"))
          .hasMessageContaining(":" + taken);
    }
  }

  @Test
  void aLoginIsUsedForTheLeaseAsForTheBackupAndAWrongOneIsNamed() throws Exception {
    Path password = Files.writeString(folder.resolve("password"), "right\n");
    Path wrong = Files.writeString(folder.resolve("wrong"), "hunter2\n");
    try (EtcdCluster source = start("source")) {
      long revision = put(source);
      source.etcdctl("user", "add", "root:right");
      source.etcdctl("auth", "enable");
      String settings =
          "{source: {endpoints: "
              + source.endpoints()
              + ", user: root, password-file: %s}, repository: "
              + folder.resolve("repository")
              + "}";
      try (RunningDaemon agent =
          new RunningDaemon(
              folder,
              "agent",
              "clusters:",
              "  right: " + String.format(settings, password),
              "  wrong: " + String.format(settings, wrong))) {
        agent.awaitDurable("right", revision);
        agent.awaitState("wrong", "failing");
        assertThat(agent.get("/health").body())
            .contains("right writing", "authentication failed")
            .doesNotContain("hunter2");
      }
    }
  }

  @Test
  void aSecretThatWasReplacedIsReadAgainOnReload() throws Exception {
    try (S3Server server = S3Server.start(Files.createDirectory(folder.resolve("s3")));
        EtcdCluster source = start("source")) {
      String settings = "  prod: " + cluster(source, s3(server, server.bucket(), "expired"));
      try (RunningDaemon agent = new RunningDaemon(folder, "agent", "clusters:", settings)) {
        agent.awaitState("prod", "failing");

        Path secret = folder.resolve("secret-" + "expired".hashCode());
        Files.writeString(secret, server.secretKey());
        agent.reload(folder, "agent", "clusters:", settings);
        agent.awaitDurable("prod", put(source));
        assertThat(agent.get("/health").body()).isEqualTo("prod writing\n");
      }
    }
  }

  @Test
  void aBucketThatIsAwayForAWhileIsNamedAndThenGoneOnWith() throws Exception {
    Path s3 = Files.createDirectory(folder.resolve("s3"));
    try (S3Server server = S3Server.start(s3);
        EtcdCluster source = start("source");
        RunningDaemon agent =
            new RunningDaemon(
                folder,
                "agent",
                "clusters:",
                "  prod: " + cluster(source, s3(server, server.bucket(), server.secretKey())))) {
      agent.awaitDurable("prod", put(source));
      Path bucket = s3.resolve("buckets").resolve(server.bucket());
      Files.move(bucket, folder.resolve("away"));
      long unseen = put(source);
      agent.awaitState("prod", "failing");
      assertThat(agent.get("/health").body()).contains(server.bucket());

      Files.move(folder.resolve("away"), bucket);
      agent.awaitDurable("prod", unseen);
      agent.stop();
      Credentials keys = new Credentials(server.accessKey(), server.secretKey());
      String address = "s3://" + server.bucket() + "/backups?endpoint=" + server.endpoint();
      try (Repository opened = Repository.open(ObjectStores.open(address, keys))) {
        assertThat(opened.verify(VerifyReport.Progress.NONE).problems()).isEmpty();
        assertThat(opened.describe().lineages().get(0).gaps()).isEmpty();
      }
    }
  }

  @Test
  void anAgentWithOtherKeysSaysSoAndChangesNothing() throws Exception {
    Keyset right = Keyset.generate();
    Path keys = Files.writeString(folder.resolve("right.json"), right.toJson());
    Path other = Files.writeString(folder.resolve("other.json"), Keyset.generate().toJson());
    String repository = folder.resolve("repository").toString();
    String place = "{address: " + repository + ", keyset: %s}";
    try (EtcdCluster source = start("source")) {
      String settings = "  prod: " + cluster(source, place);
      long last;
      try (RunningDaemon agent =
          new RunningDaemon(folder, "one", "clusters:", String.format(settings, keys))) {
        last = put(source);
        agent.awaitDurable("prod", last);
      }
      long end = lastSeq(repository);
      try (RunningDaemon agent =
          new RunningDaemon(folder, "one", "clusters:", String.format(settings, other))) {
        agent.awaitState("prod", "failing");
        assertThat(agent.get("/health").body()).contains("is encrypted with key", "the keyset has");
      }
      assertThat(lastSeq(repository)).isEqualTo(end);
      try (RunningDaemon agent =
          new RunningDaemon(folder, "one", "clusters:", String.format(settings, keys))) {
        agent.awaitDurable("prod", put(source));
      }
    }
    try (Repository opened = Repository.open(ObjectStores.open(repository), right)) {
      assertThat(opened.verify(VerifyReport.Progress.NONE).problems()).isEmpty();
    }
  }

  private static long lastSeq(String repository) throws IOException {
    try (Repository opened = Repository.open(ObjectStores.open(repository))) {
      return opened.describe().lineages().get(0).lastSeq();
    }
  }

  @Test
  void aClockThatJumpsBackUnderARunningAgentHarmsNothing() throws Exception {
    String repository = folder.resolve("repository").toString();
    AtomicReference<Duration> wrong = new AtomicReference<>(Duration.ZERO);
    InstantSource jumping = () -> Instant.now().plus(wrong.get());
    Clock clock = jumping.withZone(ZoneOffset.UTC);
    try (EtcdCluster source = start("source");
        RunningDaemon agent =
            new RunningDaemon(
                folder, "agent", clock, "clusters:", "  prod: " + cluster(source, repository))) {
      long before = put(source);
      agent.awaitDurable("prod", before);
      wrong.set(Duration.ofHours(-1));
      long after = put(source);
      agent.awaitDurable("prod", after);
      wrong.set(Duration.ofHours(1));
      long last = put(source);
      agent.awaitDurable("prod", last);
      agent.stop();

      try (Repository opened = Repository.open(ObjectStores.open(repository))) {
        assertThat(opened.verify(VerifyReport.Progress.NONE).problems()).isEmpty();
        LineageDescription described = opened.describe().lineages().get(0);
        assertThat(described.gaps()).isEmpty();
        assertThat(described.ranges()).hasSize(1);
        assertThat(described.ranges().get(0).lastRevision()).isEqualTo(last);
        Instant now = Instant.now();
        assertThat(opened.source(described.lineage()).at(now).until()).hasValue(after);
      }
    }
  }
}
