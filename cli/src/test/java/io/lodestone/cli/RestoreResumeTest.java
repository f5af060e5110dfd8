package io.lodestone.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.lodestone.api.Revision;
import io.lodestone.api.mvccpb.KeyValue;
import io.lodestone.peers.ChildProcess;
import io.lodestone.peers.NetworkLink;
import io.lodestone.peers.S3Server;
import io.lodestone.repository.Repository;
import io.lodestone.repository.RepositoryWriter;
import io.lodestone.repository.Takeover;
import io.lodestone.repository.WriterSettings;
import io.lodestone.repository.format.Holder;
import io.lodestone.repository.objects.Credentials;
import io.lodestone.repository.objects.ObjectStores;
import io.lodestone.revisions.Origin;
import io.lodestone.revisions.RevisionRecord;
import io.lodestone.revisions.StreamItem.BaseStart;
import io.lodestone.revisions.StreamItem.Compaction;
import io.lodestone.revisions.StreamItem.Complete;
import io.lodestone.revisions.StreamItem.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A restore that is killed goes on with what it had fetched, by real processes and a server. */
final class RestoreResumeTest {
  private static final Instant NOON = Instant.parse("2026-11-01T12:00:00Z");
  private static final int VALUE_BYTES = 1 << 20;
  private static final int REVISIONS = 16;
  private static final long FETCHED_BEFORE_THE_KILL = 7L << 20;

  @TempDir Path folder;

  @Test
  void whatWasFetchedIsKeptAndWhatIsDoubtfulIsFetchedAnew() throws Exception {
    try (S3Server server = S3Server.start(Files.createDirectories(folder.resolve("s3")));
        NetworkLink link = NetworkLink.to(server.endpoint().replaceFirst("http://", ""))) {
      write(server);
      Path target = folder.resolve("out").resolve("resumed.db");
      Path downloads = folder.resolve("out").resolve(".resumed.db.download");
      link.silenceAfter(FETCHED_BEFORE_THE_KILL);
      try (ChildProcess restore = restore(server, link.endpoint(), target)) {
        await()
            .atMost(Duration.ofMinutes(2))
            .until(() -> link.passedBytes() >= FETCHED_BEFORE_THE_KILL && kept(downloads) >= 3);
        restore.kill();
      }
      assertThat(target).doesNotExist();
      spoil(downloads);
      link.heal();

      try (ChildProcess restore = restore(server, link.endpoint(), target)) {
        assertThat(restore.waitFor(120)).as(restore.output()).isZero();
        assertThat(restore.output()).contains("is damaged; fetching anew");
      }
      assertThat(link.passedBytes()).isLessThan((REVISIONS - 2L) * VALUE_BYTES);
      assertThat(downloads).doesNotExist();

      Path straight = folder.resolve("straight.db");
      String direct = server.endpoint().replaceFirst("http://", "");
      try (ChildProcess restore = restore(server, direct, straight)) {
        assertThat(restore.waitFor(120)).as(restore.output()).isZero();
      }
      assertThat(Files.mismatch(target, straight)).isEqualTo(-1);
    }
  }

  private static void write(S3Server server) throws IOException, InterruptedException {
    Random random = new Random(7);
    try (Repository repository =
            Repository.openOrCreate(
                ObjectStores.open(
                    address(server, server.endpoint().replaceFirst("http://", "")),
                    new Credentials(server.accessKey(), server.secretKey())));
        RepositoryWriter writer =
            repository.openWriter(
                7, new Holder("agent", "host", 1), Takeover.FORCED, WriterSettings.DEFAULT)) {
      writer.accept(new BaseStart(new Origin(7, 1, "3.5.30"), NOON, Reason.INITIAL));
      writer.accept(Compaction.NEVER);
      writer.accept(new Complete(1, NOON));
      for (long revision = 2; revision < 2 + REVISIONS; revision++) {
        byte[] value = new byte[VALUE_BYTES];
        random.nextBytes(value);
        KeyValue row =
            KeyValue.newBuilder()
                .setKey(ByteString.copyFromUtf8("key-" + revision))
                .setCreateRevision(revision)
                .setModRevision(revision)
                .setVersion(1)
                .setValue(ByteString.copyFrom(value))
                .build();
        writer.accept(RevisionRecord.put(new Revision(revision, 0), row));
        writer.accept(new Complete(revision, NOON.plusSeconds(revision)));
        writer.commit();
      }
    }
  }

  private static String address(S3Server server, String endpoint) {
    return "s3://" + server.bucket() + "/resumed?endpoint=http://" + endpoint + "&path-style=true";
  }

  private ChildProcess restore(S3Server server, String endpoint, Path target) throws IOException {
    Map<String, String> keys =
        Map.of(
            "AWS_ACCESS_KEY_ID", server.accessKey(), "AWS_SECRET_ACCESS_KEY", server.secretKey());
    return Cli.start(
        folder.resolve(System.nanoTime() + ".log"),
        keys,
        "restore",
        "--repository",
        address(server, endpoint),
        "--output-file",
        target.toString(),
        "--parallel",
        "1");
  }

  private static List<Path> objects(Path downloads) throws IOException {
    if (Files.notExists(downloads)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(downloads)) {
      return files.filter(file -> file.toString().endsWith(".object")).toList();
    }
  }

  /** Those that are worth keeping. */
  private static long kept(Path downloads) throws IOException {
    return objects(downloads).stream().filter(file -> file.toFile().length() > VALUE_BYTES).count();
  }

  private static void spoil(Path downloads) throws IOException {
    Path large =
        objects(downloads).stream()
            .filter(file -> file.toFile().length() > VALUE_BYTES)
            .findFirst()
            .orElseThrow();
    byte[] bytes = Files.readAllBytes(large);
    bytes[bytes.length / 2] ^= 1;
    Files.write(large, bytes);
  }
}
