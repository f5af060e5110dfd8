package io.lodestone.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.lodestone.cli.SourceSampler.Sample;
import io.lodestone.peers.EtcdCluster;
import io.lodestone.peers.EtcdRelease;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An encrypted backup of a real etcd: with its keys as any other, without them of no use. */
final class EncryptionCommandsTest {
  @TempDir Path folder;

  @Test
  void aBackupIsOfUseOnlyWithItsKeys() throws Exception {
    String repository = "file:" + folder.resolve("repository");
    String keys = folder.resolve("keys.json").toString();
    Cli.report("backup", "keygen", "--file", keys);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(Path.of(keys))))
        .isEqualTo("rw-------");
    EtcdRelease release = EtcdRelease.of("3.5");
    Sample expected;
    try (EtcdCluster source = EtcdCluster.of(release, folder.resolve("source")).start()) {
      source.etcdctl("put", "secret", "of the house");
      String endpoints = String.join(",", source.endpoints());
      Cli.report(
          "backup",
          "snapshot",
          "--endpoints",
          endpoints,
          "--repository",
          repository,
          "--keyset",
          keys);
      JsonNode rotated = Cli.report("backup", "keygen", "--rotate", "--file", keys);
      assertThat(rotated.get("keys").asInt()).isEqualTo(2);
      source.etcdctl("put", "secret", "of the garden");
      Cli.report(
          "backup",
          "run",
          "--until-caught-up",
          "--endpoints",
          endpoints,
          "--repository",
          repository,
          "--keyset",
          keys);
      expected = SourceSampler.sample(source.channel(0), 0);
    }
    Cli.report("backup", "list", "--repository", repository);
    Cli.report("backup", "describe", "--repository", repository);
    Cli.Outcome keyless = Cli.run("backup", "get", "secret", "--repository", repository);
    assertThat(keyless.exitCode()).isEqualTo(ExitCodes.FAILED);
    assertThat(keyless.err()).contains("is encrypted with key").contains("--keyset");
    assertThat(
            Cli.report("backup", "get", "secret", "--repository", repository, "--keyset", keys)
                .get("value")
                .asText())
        .isEqualTo("of the garden");
    assertThat(Cli.run("backup", "verify", "--repository", repository, "--keyset", keys).exitCode())
        .isZero();

    try (Restored restored =
        Restored.start(
            release, folder.resolve("restored"), "--repository", repository, "--keyset", keys)) {
      assertThat(SourceSampler.sample(restored.cluster().channel(0), expected.revision()))
          .isEqualTo(expected);
    }
  }

  @Test
  void keysAreNeverOverwritten() throws Exception {
    String keys = folder.resolve("keys.json").toString();
    Cli.report("backup", "keygen", "--file", keys);
    String before = Files.readString(Path.of(keys));
    Cli.Outcome again = Cli.run("backup", "keygen", "--file", keys);
    assertThat(again.exitCode()).isEqualTo(ExitCodes.FAILED);
    assertThat(again.err()).contains("already").contains("--rotate");
    assertThat(Files.readString(Path.of(keys))).isEqualTo(before);
  }
}
