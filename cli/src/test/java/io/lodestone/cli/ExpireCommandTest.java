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
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Retention as people type it, on a repository of ten days with a base each day. */
final class ExpireCommandTest {
  private static final Instant START = Instant.parse("2026-03-02T06:00:00Z");

  @TempDir Path folder;
  private String repository = "";

  @BeforeEach
  void write() throws Exception {
    repository = folder.resolve("repository").toString();
    Holder holder = new Holder("agent", "host", 1);
    try (Repository opened = Repository.openOrCreate(ObjectStores.open(repository));
        RepositoryWriter writer =
            opened.openWriter(7, holder, Takeover.WHEN_SILENT, WriterSettings.DEFAULT)) {
      for (int day = 0; day < 10; day++) {
        writeDay(writer, START.plus(Duration.ofDays(day)), 1 + 24L * day);
      }
    }
  }

  /** A base at {@code revision}, and a change each hour. */
  private static void writeDay(RepositoryWriter writer, Instant day, long revision)
      throws Exception {
    writer.accept(new BaseStart(new Origin(7, 1, "3.5.30"), day, Reason.REQUESTED));
    writer.accept(new Compaction(revision, revision));
    writer.accept(put(revision));
    writer.accept(new Complete(revision, day));
    for (long hour = 1; hour < 24; hour++) {
      writer.accept(put(revision + hour));
      writer.accept(new Complete(revision + hour, day.plus(Duration.ofHours(hour))));
      writer.commit();
      writer.accept(new Complete(revision + hour, day.plus(Duration.ofHours(hour)).plusSeconds(9)));
      writer.commit();
    }
    writer.accept(put(revision + 24));
    writer.accept(new Complete(revision + 24, day.plus(Duration.ofHours(24)).minusSeconds(1)));
    writer.commit();
  }

  private static RevisionRecord put(long revision) {
    KeyValue.Builder row = KeyValue.newBuilder().setKey(ByteString.copyFromUtf8("key"));
    row.setCreateRevision(1).setModRevision(revision).setVersion(revision);
    return RevisionRecord.put(new Revision(revision, 0), row.build());
  }

  @Test
  void theDryRunDeletesNothingAndSaysWhatTheRealRunDoes() throws Exception {
    String keep = "any point for 24 h, daily for 5 d";
    JsonNode plan = expire(keep, "--dry-run");
    JsonNode again = expire(keep, "--dry-run");
    JsonNode done = expire(keep);

    assertThat(plan).isEqualTo(again);
    assertThat(plan.get("objectsToDelete").asLong()).isPositive();
    assertThat(done.get("objectsDeleted")).isEqualTo(plan.get("objectsToDelete"));
    assertThat(done.get("kept")).isEqualTo(plan.get("kept"));
    assertThat(restores("2026-03-09T00:00:00Z")).isEqualTo(ExitCodes.DONE);
    assertThat(restores("2026-03-09T01:30:00Z")).isEqualTo(ExitCodes.FAILED);
    assertThat(restores("2026-03-12T03:17:00Z")).isEqualTo(ExitCodes.DONE);
    assertThat(Cli.run("backup", "verify", "--repository", repository).exitCode()).isZero();
  }

  @Test
  void aCompactedLogHasFewerEntriesAndEveryPoint() throws Exception {
    JsonNode done = Cli.report("backup", "compact", "--repository", repository);
    assertThat(done.get("entriesMerged").asLong()).isGreaterThan(10);
    assertThat(done.get("entriesWritten").asLong()).isPositive();
    assertThat(restores("2026-03-04T08:59:59Z")).isEqualTo(ExitCodes.DONE);
    assertThat(Cli.run("backup", "verify", "--repository", repository).exitCode()).isZero();
  }

  @Test
  void aMarkedTimeStaysAndIsListed() throws Exception {
    Cli.report("backup", "mark", "--repository", repository, "--keep", "2026-03-04T08:00:00Z");
    JsonNode marks = Cli.report("backup", "describe", "--repository", repository).get("marks");
    assertThat(marks).hasSize(1);
    String revision = marks.get(0).get("revision").asText();

    expire("any point for 1 h");
    assertThat(restores("2026-03-04T08:00:00Z")).isEqualTo(ExitCodes.DONE);
    Cli.report("backup", "unmark", "--repository", repository, revision);
    expire("any point for 1 h");
    assertThat(restores("2026-03-04T08:00:00Z")).isEqualTo(ExitCodes.FAILED);
  }

  @Test
  void wordsThatSayNothingAreRefusedWithAnExample() {
    Cli.Outcome outcome =
        Cli.run("backup", "expire", "--repository", repository, "--keep", "most of it");
    assertThat(outcome.exitCode()).isEqualTo(ExitCodes.FAILED);
    assertThat(outcome.err()).contains("most of it").contains("any point for 48 h");
  }

  private JsonNode expire(String keep, String... more) throws Exception {
    String[] arguments = {"backup", "expire", "--repository", repository, "--keep", keep};
    String[] all = Arrays.copyOf(arguments, arguments.length + more.length);
    System.arraycopy(more, 0, all, arguments.length, more.length);
    return Cli.report(all);
  }

  private int restores(String time) {
    String file = folder.resolve(time.replace(':', '-') + ".db").toString();
    folder.resolve(file).toFile().delete();
    return Cli.run("restore", "--repository", repository, "--to-time", time, "--output-file", file)
        .exitCode();
  }
}
