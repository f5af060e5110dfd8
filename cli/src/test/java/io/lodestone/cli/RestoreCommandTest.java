package io.lodestone.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.ByteString;
import io.lodestone.api.etcdserverpb.KVGrpc;
import io.lodestone.api.etcdserverpb.PutRequest;
import io.lodestone.cli.SourceSampler.Sample;
import io.lodestone.peers.Commands;
import io.lodestone.peers.EtcdCluster;
import io.lodestone.peers.EtcdRelease;
import io.lodestone.peers.Workload;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** The restore command from every kind of source, into every kind of target, and its refusals. */
final class RestoreCommandTest {
  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"3.4", "3.5"})
  void aSnapshotFileOfOursIsAcceptedByTheStockTools(String minor) throws Exception {
    EtcdRelease release = EtcdRelease.of(minor);
    Path stock = stockSnapshot(release);
    Path ours = folder.resolve("ours.db");
    JsonNode report =
        Cli.report(
            "restore", "--from-snapshot-file", stock.toString(), "--output-file", ours.toString());

    String status =
        Commands.run(
            List.of(
                release.snapshotTool().toString(),
                "snapshot",
                "status",
                ours.toString(),
                "-w",
                "json"));
    assertThat(status).contains("\"revision\":" + report.path("revision").asLong());
    Path restored = folder.resolve("by-stock");
    Commands.run(
        List.of(
            release.snapshotTool().toString(),
            "snapshot",
            "restore",
            ours.toString(),
            "--data-dir",
            restored.toString()));
    assertThat(restored.resolve("member/snap/db")).exists();
  }

  @Test
  void aBumpMarksEverythingBelowAsCompacted() throws Exception {
    Path stock = stockSnapshot(EtcdRelease.of("3.5"));
    try (Restored restored =
        Restored.start(
            EtcdRelease.of("3.5"),
            folder.resolve("bumped"),
            "--from-snapshot-file",
            stock.toString(),
            "--bump-revision",
            "1000000")) {
      long bumped = restored.report().path("revision").asLong();
      PutRequest put = PutRequest.newBuilder().setKey(ByteString.copyFromUtf8("first")).build();
      assertThat(
              KVGrpc.newBlockingStub(restored.cluster().channel(0))
                  .put(put)
                  .getHeader()
                  .getRevision())
          .isEqualTo(bumped + 1);
      assertThatThrownBy(
              () ->
                  restored.cluster().etcdctl("get", "key/001", "--rev", Long.toString(bumped - 1)))
          .hasMessageContaining("required revision has been compacted");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"3.4", "3.5"})
  void whatSurvivesOnALostQuorumsLastDiskComesBack(String minor) throws Exception {
    EtcdRelease release = EtcdRelease.of(minor);
    Sample last;
    EtcdCluster.Plan lost = EtcdCluster.of(release, folder.resolve("lost"));
    try (EtcdCluster source = lost.start()) {
      try (Workload workload =
          Workload.start(5, 0, true, List.of(source.channel(0), source.channel(0)))) {
        Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> workload.writes() > 800);
      }
      last = SourceSampler.sample(source.channel(0), 0);
      source.member(0).kill();
    }
    String disk = lost.dataDir("m1").toString();
    try (Restored restored =
        Restored.start(
            release, folder.resolve("again"), "--from-member-dir", disk, "--include-uncommitted")) {
      assertThat(restored.report().path("revision").asLong())
          .isGreaterThanOrEqualTo(last.revision());
      assertThat(SourceSampler.sample(restored.cluster().channel(0), last.revision()))
          .isEqualTo(last);
    }
  }

  @Test
  void aTargetThatIsNotEmptyIsRefusedAndUntouched() throws Exception {
    Path stock = stockSnapshot(EtcdRelease.of("3.4"));
    Path target = Files.createDirectory(folder.resolve("full"));
    Files.writeString(target.resolve("precious"), "data");
    Cli.Outcome outcome = restore(stock, target);
    assertThat(outcome.exitCode()).isEqualTo(ExitCodes.FAILED);
    assertThat(outcome.err()).contains(target.toString()).contains("hint:");
    assertThat(Files.readString(target.resolve("precious"))).isEqualTo("data");
  }

  @Test
  void aDamagedSnapshotFileLeavesNoPartialTarget() throws Exception {
    Path stock = stockSnapshot(EtcdRelease.of("3.5"));
    byte[] bytes = Files.readAllBytes(stock);
    bytes[bytes.length / 2] ^= 1;
    Files.write(stock, bytes, StandardOpenOption.TRUNCATE_EXISTING);
    Path target = folder.resolve("never/made/m1");
    Cli.Outcome outcome = restore(stock, target);
    assertThat(outcome.exitCode()).isEqualTo(ExitCodes.DAMAGE);
    assertThat(outcome.err()).contains(stock.getFileName().toString());
    try (Stream<Path> left = Files.list(folder)) {
      assertThat(left.map(path -> path.getFileName().toString()))
          .noneMatch(name -> name.startsWith("never"));
    }
  }

  /** Restores a snapshot file into the data directory of a cluster's only member. */
  private static Cli.Outcome restore(Path snapshot, Path dataDir) {
    return Cli.run(
        "restore",
        "--from-snapshot-file",
        snapshot.toString(),
        "--name",
        "m1",
        "--initial-cluster",
        "m1=http://127.0.0.1:1",
        "--data-dir",
        dataDir.toString());
  }

  private Path stockSnapshot(EtcdRelease release) throws Exception {
    Path file = folder.resolve("stock.db");
    try (EtcdCluster source = EtcdCluster.of(release, folder.resolve("source")).start()) {
      try (Workload workload = Workload.start(2, 0, false, List.of(source.channel(0)))) {
        Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> workload.writes() > 300);
      }
      source.etcdctl("snapshot", "save", file.toString());
    }
    return file;
  }

  @Test
  void anAutomaticBumpGoesAboveAllThatTheRepositoryKnows() throws Exception {
    String repository = folder.resolve("repository").toString();
    try (EtcdCluster source =
        EtcdCluster.of(EtcdRelease.of("3.5"), folder.resolve("source")).start()) {
      String endpoint = source.endpoints().get(0);
      for (int i = 0; i < 9; i++) {
        source.etcdctl("put", "a", "" + i);
      }
      Cli.report("backup", "snapshot", "--endpoints", endpoint, "--repository", repository);
    }
    Path file = folder.resolve("bumped.db");
    JsonNode report =
        Cli.report(
            "restore",
            "--repository",
            repository,
            "--to-revision",
            "4",
            "--bump-revision",
            "auto",
            "--output-file",
            file.toString());
    assertThat(report.path("leftOutRevisions").asLong()).isEqualTo(6);
    assertThat(report.path("revision").asLong()).isEqualTo(1_000_010);
    assertWhatIsLostIsSaidBeforehand(repository);

    String[] ofAFile = {"restore", "--from-snapshot-file", file.toString()};
    for (String bump : List.of("auto", "-1", "soon")) {
      Cli.Outcome refused =
          Cli.run(
              Stream.concat(
                      Stream.of(ofAFile),
                      Stream.of(
                          "--bump-revision=" + bump,
                          "--output-file",
                          folder.resolve("never.db").toString()))
                  .toArray(String[]::new));
      assertThat(refused.exitCode()).as(bump).isEqualTo(2);
    }
  }

  private void assertWhatIsLostIsSaidBeforehand(String repository) {
    Cli.Outcome latest = restored(repository, "latest.db", "--latest");
    assertThat(latest.exitCode()).isEqualTo(ExitCodes.DONE);
    assertThat(latest.err())
        .contains("restoring revision 10, the newest that was captured, complete until 20");
    Cli.Outcome earlier = restored(repository, "earlier.db", "--to-revision", "4");
    assertThat(earlier.err()).contains("restoring revision 4; 6 later ones, up to 10 and 20");
    Cli.Outcome both = restored(repository, "both.db", "--latest", "--to-revision", "4");
    assertThat(both.exitCode()).isEqualTo(CommandLine.ExitCode.USAGE);
    assertThat(both.err()).contains("exclude each other");
  }

  private Cli.Outcome restored(String repository, String file, String... point) {
    return Cli.run(
        Stream.concat(
                Stream.of("restore", "--repository", repository, "--output-file"),
                Stream.concat(Stream.of(folder.resolve(file).toString()), Stream.of(point)))
            .toArray(String[]::new));
  }
}
