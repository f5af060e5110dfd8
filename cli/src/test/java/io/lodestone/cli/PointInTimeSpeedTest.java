package io.lodestone.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.ByteString;
import io.lodestone.api.Revision;
import io.lodestone.api.mvccpb.KeyValue;
import io.lodestone.repository.Repository;
import io.lodestone.repository.RepositoryWriter;
import io.lodestone.repository.Takeover;
import io.lodestone.repository.WriterSettings;
import io.lodestone.repository.format.Holder;
import io.lodestone.repository.objects.ObjectStores;
import io.lodestone.revisions.Origin;
import io.lodestone.revisions.RevisionRecord;
import io.lodestone.revisions.StreamItem.BaseStart;
import io.lodestone.revisions.StreamItem.Compaction;
import io.lodestone.revisions.StreamItem.Complete;
import io.lodestone.revisions.StreamItem.Reason;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A long tail, from which points are restored; how long that takes is in the log. */
final class PointInTimeSpeedTest {
  private static final Logger LOG = LoggerFactory.getLogger(PointInTimeSpeedTest.class);
  private static final int EVENTS = Integer.getInteger("lodestone.pitr.events", 20_000);
  private static final int EVENTS_PER_SECOND = 1_000;
  private static final int KEYS = 10_000;
  private static final long CLUSTER = 0x77;

  @TempDir Path folder;

  private final long[] created = new long[KEYS];
  private final long[] versions = new long[KEYS];

  @Test
  void pointsInALongTailAreRestoredAndItIsCompacted() throws Exception {
    String repository = folder.resolve("repository").toString();
    timed("write", () -> write(repository));
    JsonNode end = restore(repository, "end");
    assertThat(end.path("revision").asLong()).isEqualTo(EVENTS + 1L);

    timed(
        "compact",
        () -> {
          JsonNode done = Cli.report("backup", "compact", "--repository", repository);
          assertThat(done.path("entriesWritten").asLong()).isPositive();
        });
    JsonNode compacted = restore(repository, "compacted");
    assertThat(compacted.path("rows").asLong()).isEqualTo(end.path("rows").asLong());
    long middle = EVENTS / 2;
    JsonNode half = restore(repository, "middle", "--to-revision", Long.toString(middle));
    assertThat(half.path("revision").asLong()).isEqualTo(middle);
    timed(
        "get",
        () ->
            assertThat(Cli.run("backup", "get", "key-77", "--repository", repository).exitCode())
                .isZero());
  }

  private interface Work {
    void run() throws Exception;
  }

  private static void timed(String what, Work work) throws Exception {
    long begun = System.nanoTime();
    work.run();
    LOG.atInfo()
        .addKeyValue("events", EVENTS)
        .addKeyValue("seconds", (System.nanoTime() - begun) / 1e9)
        .log(what);
  }

  private JsonNode restore(String repository, String name, String... more) throws Exception {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "restore",
                "--repository",
                repository,
                "--name",
                "m1",
                "--initial-cluster",
                "m1=http://127.0.0.1:2380",
                "--data-dir",
                folder.resolve(name).toString()));
    arguments.addAll(List.of(more));
    long begun = System.nanoTime();
    JsonNode report = Cli.report(arguments.toArray(String[]::new));
    LOG.atInfo()
        .addKeyValue("rows", report.path("rows").asLong())
        .addKeyValue("seconds", (System.nanoTime() - begun) / 1e9)
        .log("restore " + name);
    return report;
  }

  /** An empty base, and a tail of puts that is sealed each second. */
  private void write(String address) throws Exception {
    Instant begin = Instant.parse("2026-11-20T00:00:00Z");
    byte[] value = new byte[256];
    Random random = new Random(1);
    try (Repository repository = Repository.openOrCreate(ObjectStores.open(address));
        RepositoryWriter writer =
            repository.openWriter(
                CLUSTER,
                new Holder("writer", "here", 1),
                Takeover.WHEN_SILENT,
                WriterSettings.DEFAULT)) {
      writer.accept(new BaseStart(new Origin(CLUSTER, 1, "3.5.30"), begin, Reason.INITIAL));
      writer.accept(Compaction.NEVER);
      writer.accept(new Complete(1, begin));
      for (int i = 0; i < EVENTS; i++) {
        random.nextBytes(value);
        int key = random.nextInt(KEYS);
        writer.accept(put(key, i + 2L, ByteString.copyFrom(value)));
        writer.accept(new Complete(i + 2L, begin.plusMillis(i + 1L)));
        if (i % EVENTS_PER_SECOND == EVENTS_PER_SECOND - 1) {
          long unused = writer.commit();
        }
      }
      assertThat(writer.commit()).isEqualTo(EVENTS + 1L);
    }
  }

  private RevisionRecord put(int key, long revision, ByteString value) {
    if (versions[key]++ == 0) {
      created[key] = revision;
    }
    return RevisionRecord.put(
        new Revision(revision, 0),
        KeyValue.newBuilder()
            .setKey(ByteString.copyFromUtf8("key-" + key))
            .setCreateRevision(created[key])
            .setModRevision(revision)
            .setVersion(versions[key])
            .setValue(value)
            .build());
  }
}
