package io.lodestone.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
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
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Looking into a backup as people type it. */
final class InsideCommandsTest {
  private static final Instant START = Instant.parse("2026-03-02T06:00:00Z");

  /** A ConfigMap in the form in which an API server stores it. */
  private static final ByteString CONFIG_MAP =
      ByteString.copyFrom(
          Base64.getDecoder()
              .decode(
                  "azhzAAoPCgJ2MRIJQ29uZmlnTWFwElIKQQoDd2ViEgAaB2RlZmF1bHQiACoFdWlkLTEyADgAQggI"
                      + "gIHIrAYQAFoKCgNhcHASA3dlYmIMCgRub3RlEgRmaW5lEg0KBWNvbG9yEgRibHVlGgAiAA=="));

  @TempDir Path folder;
  private String repository = "";

  @BeforeEach
  void write() throws Exception {
    repository = folder.resolve("repository").toString();
    Holder holder = new Holder("agent", "host", 1);
    try (Repository opened = Repository.openOrCreate(ObjectStores.open(repository));
        RepositoryWriter writer =
            opened.openWriter(7, holder, Takeover.WHEN_SILENT, WriterSettings.DEFAULT)) {
      writer.accept(new BaseStart(new Origin(7, 1, "3.5.30"), START, Reason.INITIAL));
      writer.accept(new Compaction(2, 2));
      writer.accept(put(2, "/a", ByteString.copyFromUtf8("one")));
      writer.accept(put(3, "/b", ByteString.copyFrom(new byte[] {1, (byte) 0xff})));
      writer.accept(new Complete(3, START));
      tail(writer, put(4, "/a", ByteString.copyFromUtf8("two\nlines")));
      tail(writer, put(5, "/registry/configmaps/default/web", CONFIG_MAP));
      tail(writer, RevisionRecord.delete(new Revision(6, 0), ByteString.copyFromUtf8("/b")));
      tail(writer, put(7, "/c", ByteString.copyFromUtf8("{\"a\":1}")));
    }
  }

  private static void tail(RepositoryWriter writer, RevisionRecord row) throws Exception {
    writer.accept(row);
    writer.accept(new Complete(row.main(), START.plusSeconds(60 * row.main())));
    writer.commit();
  }

  private static RevisionRecord put(long revision, String key, ByteString value) {
    return RevisionRecord.put(
        new Revision(revision, 0),
        KeyValue.newBuilder()
            .setKey(ByteString.copyFromUtf8(key))
            .setCreateRevision(2)
            .setModRevision(revision)
            .setVersion(revision - 1)
            .setValue(value)
            .build());
  }

  @Test
  void aKeyIsShownAsItWasAtARevisionOrATime() throws Exception {
    assertThat(get("/a").get("value").asText()).isEqualTo("two\nlines");
    assertThat(get("/a", "--at", "3").get("value").asText()).isEqualTo("one");
    assertThat(get("/a", "--at", "2026-03-02T06:04:00Z").get("modRevision").asLong()).isEqualTo(4);
    assertThat(get("/b", "--at", "5").get("valueBase64").asText()).isEqualTo("Af8=");
    assertThat(run("get", "/a").out()).contains("two\\nlines");
    assertThat(run("get", "/b", "--at", "5").out()).contains("\\x01\\xff");
    assertThat(run("get", "/a", "--at", "3", "--hex").out()).contains("\\x6f\\x6e\\x65");
    Cli.Outcome gone = run("get", "/b");
    assertThat(gone.exitCode()).isEqualTo(ExitCodes.FAILED);
    assertThat(gone.err()).contains("no key /b at revision 7");
  }

  @Test
  void anObjectOfKubernetesIsReadable() throws Exception {
    JsonNode object = get("/registry/configmaps/default/web").get("object");
    assertThat(object.get("kind").asText()).isEqualTo("ConfigMap");
    assertThat(object.get("apiVersion").asText()).isEqualTo("v1");
    JsonNode metadata = object.get("metadata");
    assertThat(metadata.get("name").asText()).isEqualTo("web");
    assertThat(metadata.get("namespace").asText()).isEqualTo("default");
    assertThat(metadata.get("labels").get("app").asText()).isEqualTo("web");
    assertThat(metadata.get("annotations").get("note").asText()).isEqualTo("fine");
    assertThat(metadata.get("creationTimestamp").asText()).isEqualTo("2024-01-01T00:00:00Z");
    JsonNode raw = get("/registry/configmaps/default/web", "--raw");
    assertThat(Base64.getDecoder().decode(raw.get("valueBase64").asText()))
        .isEqualTo(CONFIG_MAP.toByteArray());
  }

  @Test
  void aPrefixAndAnExportComeLineByLine() throws Exception {
    assertThat(keys(run("get", "--prefix", "/", "--output", "json")))
        .containsExactly("/a", "/registry/configmaps/default/web", "/c");
    assertThat(keys(run("export", "--at", "4"))).containsExactly("/b", "/a");
    assertThat(keys(run("export", "--prefix", "/registry"))).hasSize(1);
    assertThat(run("get", "--prefix", "/none").exitCode()).isEqualTo(ExitCodes.FAILED);
    assertThat(run("get").exitCode()).isEqualTo(2);
  }

  @Test
  void theVersionsOfAKeyHaveTimes() throws Exception {
    List<JsonNode> versions = new ArrayList<>();
    for (String line : run("history", "/b", "--output", "json").out().lines().toList()) {
      versions.add(new ObjectMapper().readTree(line));
    }
    assertThat(versions).hasSize(2);
    assertThat(versions.get(0).get("revision").asLong()).isEqualTo(3);
    assertThat(versions.get(0).has("time")).isFalse();
    assertThat(versions.get(1).get("deleted").asBoolean()).isTrue();
    assertThat(versions.get(1).get("time").asText()).isEqualTo("2026-03-02T06:06:00Z");
    assertThat(run("history", "/b").out().lines().toList())
        .hasSize(3)
        .last()
        .asString()
        .contains("2026-03-02T06:06:00Z")
        .contains("deleted");
    assertThat(run("history", "/none").exitCode()).isEqualTo(ExitCodes.FAILED);
  }

  @Test
  void twoPointsAreCompared() throws Exception {
    assertThat(run("diff", "--from", "3", "--to", "7").out().lines().toList())
        .containsExactly(
            "~ /a  (2 -> 4)", "- /b  (3)", "+ /c  (7)", "+ /registry/configmaps/default/web  (5)");
    JsonNode line =
        new ObjectMapper()
            .readTree(run("diff", "--from", "3", "--prefix", "/a", "--output", "json").out());
    assertThat(line.get("change").asText()).isEqualTo("changed");
    assertThat(line.get("before").get("revision").asLong()).isEqualTo(2);
    assertThat(line.get("after").get("size").asLong()).isEqualTo(9);
  }

  @Test
  void whatIsNotThereIsRefusedWithAHint() {
    Cli.Outcome late = run("get", "/a", "--at", "99");
    assertThat(late.exitCode()).isEqualTo(ExitCodes.FAILED);
    assertThat(late.err()).contains("revision 99 is not in lineage").contains("2 to 7");
    Cli.Outcome strange = run("get", "/a\\q");
    assertThat(strange.exitCode()).isEqualTo(ExitCodes.FAILED);
    assertThat(strange.err()).contains("backslash");
  }

  private static List<String> keys(Cli.Outcome outcome) throws Exception {
    List<String> keys = new ArrayList<>();
    for (String line : outcome.out().lines().toList()) {
      keys.add(new ObjectMapper().readTree(line).get("key").asText());
    }
    return keys;
  }

  private JsonNode get(String... arguments) throws Exception {
    List<String> all = new ArrayList<>(List.of("backup", "get"));
    all.addAll(Arrays.asList(arguments));
    all.addAll(List.of("--repository", repository));
    return Cli.report(all.toArray(String[]::new));
  }

  private Cli.Outcome run(String command, String... arguments) {
    List<String> all = new ArrayList<>(List.of("backup", command));
    all.addAll(Arrays.asList(arguments));
    all.addAll(List.of("--repository", repository));
    return Cli.run(all.toArray(String[]::new));
  }
}
