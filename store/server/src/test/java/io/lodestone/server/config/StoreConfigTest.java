package io.lodestone.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lodestone.api.LodestoneException;
import io.lodestone.peers.EtcdRelease;
import io.lodestone.settings.InvalidConfigException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Flags, variables and files, beside what stock etcd makes of them. */
final class StoreConfigTest {
  @TempDir Path folder;

  private static StoreConfig read(String... arguments) {
    return StoreConfig.read(List.of(arguments), Map.of());
  }

  @Test
  void withoutFlagsItIsEtcdsDefaults() {
    StoreConfig config = read();
    assertThat(config.name()).isEqualTo("default");
    assertThat(config.dataDir()).isEqualTo(Path.of("default.etcd"));
    assertThat(config.clientUrls()).hasToString("[http://localhost:2379]");
    assertThat(config.initialCluster())
        .isEqualTo(Map.of("default", List.of("http://localhost:2380")));
    assertThat(config.limits().maxRequestBytes()).isEqualTo(1572864);
    assertThat(config.compaction().keep()).isEmpty();
    assertThat(config.clientTls().enabled()).isFalse();
    assertThat(config.notices()).isEmpty();
  }

  @Test
  void flagsComeInBothSpellingsAndTheLastOneWins() {
    StoreConfig config = read("--name=a", "-name", "b", "--max-txn-ops", "7", "--auto-tls");
    assertThat(config.name()).isEqualTo("b");
    assertThat(config.limits().maxTxnOps()).isEqualTo(7);
    assertThat(config.clientTls().automatic()).isTrue();
  }

  @Test
  void aFlagOutranksItsVariableAndTheLogSaysSo() {
    StoreConfig config =
        StoreConfig.read(
            List.of("--name=a"),
            Map.of("ETCD_NAME", "b", "ETCD_MAX_TXN_OPS", "9", "ETCD_FOO", "1"));
    assertThat(config.name()).isEqualTo("a");
    assertThat(config.limits().maxTxnOps()).isEqualTo(9);
    assertThat(config.notices())
        .containsExactlyInAnyOrder(
            "ETCD_NAME is ignored: the command line says otherwise",
            "unrecognized environment variable ETCD_FOO");
  }

  @Test
  void flagsWithoutMeaningHereAreAcceptedAndSaySo() {
    assertThat(read("--max-wals=3").notices())
        .containsExactly(
            "--max-wals has no effect here: there are no WAL files of etcd's kind to keep");
  }

  @Test
  void anUnknownFlagNamesTheNearest() {
    assertThatThrownBy(() -> read("--data-dri=x"))
        .isInstanceOf(InvalidConfigException.class)
        .hasMessage("flag provided but not defined: -data-dri")
        .extracting(e -> ((LodestoneException) e).hint())
        .asString()
        .contains("--data-dir?");
  }

  @ParameterizedTest
  @CsvSource({
    "periodic, 5m, PT5M",
    "periodic, 8, PT8H",
    "periodic, 1h30m, PT1H30M",
  })
  void periodicRetentionIsADurationOrHours(String mode, String retention, Duration period) {
    assertThat(
            read("--auto-compaction-mode", mode, "--auto-compaction-retention", retention)
                .compaction()
                .keep())
        .isEqualTo(Optional.of(new CompactionConfig.Period(period)));
  }

  @Test
  void aConfigFileStandsAlone() throws IOException {
    Path file = folder.resolve("etcd.yaml");
    Files.writeString(
        file,
        """
        name: filed
        quota-backend-bytes: 1000
        grpc-keepalive-min-time: 7000000000
        log-outputs: [stderr]
        client-transport-security:
          cert-file: /c.pem
          key-file: /k.pem
          client-cert-auth: true
        nonsense: 1
        """);
    StoreConfig config = read("--name=typed", "--config-file", file.toString());
    assertThat(config.name()).isEqualTo("filed");
    assertThat(config.limits().quotaBytes()).isEqualTo(1000);
    assertThat(config.limits().keepaliveMinTime()).isEqualTo(Duration.ofSeconds(7));
    assertThat(config.clientTls().certificate()).contains(Path.of("/c.pem"));
    assertThat(config.clientTls().clientAuth()).isTrue();
    assertThat(config.log().outputs()).containsExactly("stderr");
    assertThat(config.notices()).singleElement().asString().contains("nonsense");
  }

  @Test
  void aBrokenConfigFileNamesTheLine() throws IOException {
    Path file = folder.resolve("etcd.yaml");
    Files.writeString(file, "name: a\n  b: [\n");
    assertThatThrownBy(() -> read("--config-file", file.toString()))
        .isInstanceOf(InvalidConfigException.class)
        .hasMessageContaining("line 2");
  }

  /** Every flag that stock etcd lists is known here. */
  @Test
  void knowsEveryFlagOfStockEtcd() throws Exception {
    String help = output(List.of(EtcdRelease.of("3.5").etcd().toString(), "--help"));
    List<String> listed =
        Pattern.compile("^  --([a-z0-9-]+)", Pattern.MULTILINE)
            .matcher(help)
            .results()
            .map(match -> match.group(1))
            .toList();
    assertThat(listed).hasSizeGreaterThan(100);
    assertThat(listed).allSatisfy(name -> assertThat(Flags.named(name)).as(name).isPresent());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--nosuch=1",
        "--name",
        "--quota-backend-bytes=abc",
        "--heartbeat-interval=0",
        "--heartbeat-interval=500 --election-timeout=1000",
        "--election-timeout=90000",
        "--listen-client-urls=foo",
        "--listen-client-urls=http://a.b.c:1 --advertise-client-urls=http://a.b.c:1",
        "--listen-client-urls=http://127.0.0.1:1",
        "extra",
        "--auto-compaction-mode=foo",
        "--max-txn-ops=-1",
        "--initial-cluster-state=foo",
        "--log-level=loud",
        "--log-outputs=default,stdout",
        "--tls-min-version=foo",
      })
  void refusesWhatStockEtcdRefusesInItsWords(String line) throws Exception {
    List<String> arguments = List.of(line.split(" "));
    List<String> command =
        new java.util.ArrayList<>(List.of(EtcdRelease.of("3.5").etcd().toString()));
    command.addAll(arguments);
    String theirs = output(command).replace("\\\"", "\"");
    assertThatThrownBy(() -> StoreConfig.read(arguments, Map.of()))
        .isInstanceOf(InvalidConfigException.class)
        .satisfies(e -> assertThat(theirs).contains(e.getMessage()));
  }

  private String output(List<String> command) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true).start();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    process.waitFor();
    return text;
  }
}
