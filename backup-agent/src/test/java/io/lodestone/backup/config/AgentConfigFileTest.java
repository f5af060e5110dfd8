package io.lodestone.backup.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.lodestone.api.LodestoneException;
import io.lodestone.backup.SealPolicy;
import io.lodestone.backup.config.Schedule.Missed;
import io.lodestone.settings.InvalidConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AgentConfigFileTest {
  private static final Map<String, String> ENVIRONMENT = Map.of("BACKUP_SECRET", "s3cr3t");

  @TempDir Path folder;

  private AgentConfig read(String... lines) throws IOException {
    Path file = folder.resolve("agent.yaml");
    Files.write(file, List.of(lines));
    return new AgentConfigFile(file, ENVIRONMENT).read();
  }

  /** The mistakes as they are told, one in each line, without the file's name. */
  private List<String> mistakes(String... lines) {
    try {
      AgentConfig config = read(lines);
      throw new AssertionError("accepted: " + config);
    } catch (InvalidConfigException e) {
      return e.hint().lines().map(line -> line.strip().replace("agent.yaml:", "")).toList();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void aClusterNeedsAnAddressAndARepositoryOnly() throws IOException {
    AgentConfig config =
        read(
            "clusters:",
            "  prod:",
            "    source: {endpoints: 10.0.0.1:2379}",
            "    repository: /backups");

    ClusterPlan prod = config.clusters().get(0);
    assertThat(prod.name()).isEqualTo("prod");
    assertThat(prod.source().endpoints()).hasToString("[http://10.0.0.1:2379]");
    assertThat(prod.repository().address()).isEqualTo("/backups");
    assertThat(prod.seal()).isEqualTo(SealPolicy.DEFAULT);
    assertThat(prod.schedules()).isEmpty();
    assertThat(config.listen()).isEmpty();
    assertThat(config.agentId()).contains(Long.toString(ProcessHandle.current().pid()));
  }

  @Test
  void defaultsHoldWhereAClusterSaysNothing() throws IOException {
    AgentConfig config =
        read(
            "defaults:",
            "  repository: s3://backups/all?region=eu-central-1",
            "  time-zone: Europe/Berlin",
            "  idle-interval: 30s",
            "  hash-interval: never",
            "  keep: any point for 2 d",
            "  source: {user: root, password-env: BACKUP_SECRET}",
            "  schedules:",
            "    base: 0 30 3 * * ?",
            "    expire: {cron: 0 0 4 * * ?, missed: skip, time-zone: UTC}",
            "clusters:",
            "  one:",
            "    source: {endpoints: [https://a:2379, https://b:2379]}",
            "  two:",
            "    source: {endpoints: c}",
            "    seal-interval: 200ms",
            "    idle-interval: 5s",
            "    hash-interval: 10m",
            "    keep: any point for 1 w",
            "    schedules: {base: never, compact: 0 0/10 * * * ?}");

    ClusterPlan one = config.clusters().get(0);
    ClusterPlan two = config.clusters().get(1);
    ZoneId berlin = ZoneId.of("Europe/Berlin");
    assertThat(one.seal().hashInterval()).isEmpty();
    assertThat(two.seal().hashInterval()).contains(Duration.ofMinutes(10));
    assertThat(one.schedules())
        .containsOnly(
            Map.entry(Task.BASE, new Schedule("0 30 3 * * ?", berlin, Missed.RUN)),
            Map.entry(Task.EXPIRE, new Schedule("0 0 4 * * ?", ZoneId.of("UTC"), Missed.SKIP)));
    assertThat(one.seal().idleInterval()).isEqualTo(Duration.ofSeconds(30));
    assertThat(one.source().credentials().orElseThrow().password()).isEqualTo("s3cr3t");
    assertThat(two.schedules()).containsOnlyKeys(Task.EXPIRE, Task.COMPACT);
    assertThat(two.seal().interval()).isEqualTo(Duration.ofMillis(200));
    assertThat(two.seal().idleInterval()).isEqualTo(Duration.ofSeconds(5));
    assertThat(two.keep().orElseThrow().anyPoint()).isEqualTo(Duration.ofDays(7));
    assertThat(two.repository()).isEqualTo(one.repository());
  }

  @Test
  void secretsComeFromFilesAndVariablesAndAreNeverPrinted() throws IOException {
    Path key = folder.resolve("key");
    Files.writeString(key, "AKIA\nsecond line\n");
    AgentConfig config =
        read(
            "clusters:",
            "  prod:",
            "    source: {endpoints: a, user: root, password-env: BACKUP_SECRET}",
            "    repository:",
            "      address: minio://host:9000/bucket",
            "      access-key-file: " + key,
            "      secret-key-env: BACKUP_SECRET");

    ClusterPlan prod = config.clusters().get(0);
    assertThat(prod.repository().credentials().orElseThrow().accessKey()).isEqualTo("AKIA");
    assertThat(prod.repository().credentials().orElseThrow().secretKey()).isEqualTo("s3cr3t");
    assertThat(config.toString()).doesNotContain("s3cr3t");
  }

  @Test
  void everyMistakeIsNamedWithItsPlaceAndAHint() {
    assertThat(
            mistakes(
                "lissten: 127.0.0.1:9379",
                "spool-directory: /tmp",
                "clusters:",
                "  prod:",
                "    source:",
                "      endpoint: a:2379",
                "      cert: /c.pem",
                "    repository: ftp://host/x",
                "    seal-interval: soon",
                "    keep: everything",
                "    schedules:",
                "      base: '30 3 * * *'",
                "      verifi: 0 0 3 * * ?",
                "  'a b':",
                "    source: {endpoints: b}",
                "    repository: /r",
                "    idle-interval: 1ms"))
        .satisfiesExactly(
            told ->
                assertThat(told)
                    .startsWith("1:1: unknown setting 'lissten'; did you mean 'listen'?"),
            told -> assertThat(told).startsWith("6:7: no endpoints are given"),
            told ->
                assertThat(told)
                    .startsWith("6:7: unknown setting 'endpoint'; did you mean 'endpoints'?"),
            told -> assertThat(told).startsWith("7:7: a client certificate needs both"),
            told ->
                assertThat(told)
                    .startsWith("8:17: repository: no kind of repository has the address"),
            told -> assertThat(told).startsWith("9:20: seal-interval: 'soon' is not a time"),
            told ->
                assertThat(told)
                    .startsWith("10:5: nothing expires without a schedule")
                    .contains("expire"),
            told ->
                assertThat(told).startsWith("10:11: keep: 'everything' does not say what to keep"),
            told ->
                assertThat(told)
                    .startsWith("12:13: base: '30 3 * * *' is not a schedule")
                    .contains("'0 30 3 * * ?'"),
            told ->
                assertThat(told)
                    .startsWith("13:7: unknown setting 'verifi'; did you mean 'verify'?"),
            told -> assertThat(told).contains("'a b' cannot be the name of a cluster"),
            told ->
                assertThat(told).startsWith("17:5: idle-interval is shorter than seal-interval"));
  }

  @Test
  void aSecretInTheSettingsIsRefusedWithoutBeingRepeated() {
    List<String> told =
        mistakes(
            "clusters:",
            "  prod:",
            "    source: {endpoints: a, user: root, password: hunter2}",
            "    repository: {address: s3://b, access-key-env: NOT_SET, secret-key-file: /does/not/exist}");
    assertThat(told)
        .anySatisfy(
            line -> assertThat(line).contains("'password' does not belong into a settings file"))
        .anySatisfy(line -> assertThat(line).contains("the variable NOT_SET is not set"))
        .anySatisfy(line -> assertThat(line).contains("cannot read /does/not/exist"))
        .noneSatisfy(line -> assertThat(line).contains("hunter2"));
  }

  @Test
  void whatIsScheduledWithoutWhatItNeedsIsAMistake() {
    assertThat(
            mistakes(
                "clusters:",
                "  prod:",
                "    source: {endpoints: a}",
                "    repository: /r",
                "    schedules:",
                "      expire: 0 0 3 * * ?",
                "      base: 0 0 3 1 1 ? 2020",
                "      copy: 0 0 3 * * ?",
                "      verify: {time-zone: Mars/Olympus, missed: maybe}"))
        .satisfiesExactly(
            told -> assertThat(told).startsWith("5:5: copy is scheduled, but nothing says whereto"),
            told ->
                assertThat(told)
                    .startsWith("5:5: expire is scheduled, but nothing says what to keep"),
            told -> assertThat(told).contains("its time has passed"),
            told -> assertThat(told).contains("has no 'cron'"),
            told -> assertThat(told).contains("'Mars/Olympus' is not a time zone"),
            told -> assertThat(told).contains("'maybe' does not say what to do"));
  }

  @Test
  void howTheRepositoriesAreWrittenCanBeSaid() throws IOException {
    ClusterPlan plan =
        read(
                "clusters:",
                "  prod:",
                "    source: {endpoints: a}",
                "    repository: /r",
                "    copy-to: {address: 's3://b/p', access-key-env: BACKUP_SECRET, secret-key-env: BACKUP_SECRET}",
                "    compression-level: 9",
                "    parallel-uploads: 4",
                "    schedules: {copy: 0 0 3 * * ?, synthesize: 0 0 4 * * ?}")
            .clusters()
            .get(0);
    assertThat(plan.copyTo().orElseThrow().address()).isEqualTo("s3://b/p");
    assertThat(plan.copyTo().orElseThrow().credentials()).isPresent();
    assertThat(plan.writer().compressionLevel()).isEqualTo(9);
    assertThat(plan.writer().uploads()).isEqualTo(4);
    assertThat(plan.schedules()).containsOnlyKeys(Task.COPY, Task.SYNTHESIZE);
    assertThat(
            mistakes(
                "clusters:",
                "  prod:",
                "    source: {endpoints: a}",
                "    repository: /r",
                "    copy-to: /c",
                "    compression-level: 20",
                "    parallel-uploads: many"))
        .satisfiesExactly(
            told -> assertThat(told).startsWith("5:5: nothing is copied without a schedule"),
            told -> assertThat(told).contains("'20' is no number between 1 and 19"),
            told -> assertThat(told).contains("'many' is no number between 1 and 16"));
  }

  @Test
  void aNameThatStandsTwiceIsAMistake() {
    assertThat(
            mistakes(
                "clusters:",
                "  prod: {source: {endpoints: a}, repository: /r}",
                "  prod: {source: {endpoints: b}, repository: /r}"))
        .containsExactly("3:3: 'prod' stands here twice; keep one of them");
  }

  @Test
  void aFileThatIsNoSettingsAtAllIsRefusedInOneSentence() {
    assertThat(mistakes("")).anySatisfy(told -> assertThat(told).contains("the file is empty"));
    assertThat(mistakes("- a", "- b"))
        .anySatisfy(told -> assertThat(told).contains("the file is not a group of settings"));
    assertThat(mistakes("clusters: {}"))
        .anySatisfy(told -> assertThat(told).contains("there is no cluster"));
    assertThatThrownBy(() -> read("clusters: [a, b"))
        .isInstanceOfSatisfying(
            LodestoneException.class, e -> assertThat(e).hasMessageContaining("line 2"));
    assertThatThrownBy(() -> new AgentConfigFile(folder.resolve("absent"), Map.of()).read())
        .hasMessageContaining("there is no such file");
  }

  @Test
  void aPrefixGoesWithoutWhatIsForWholeClusters() throws Exception {
    assertThat(
            mistakes(
                "clusters:",
                "  one:",
                "    source: {endpoints: a}",
                "    repository: /r",
                "    prefix: /one/",
                "    schedules: {drill: 0 0 6 * * ?}",
                "  two:",
                "    source: {endpoints: a}",
                "    repository: /r",
                "    prefix: ''"))
        .satisfiesExactly(
            told -> assertThat(told).contains("drill is scheduled, which is for whole clusters"),
            told -> assertThat(told).contains("an empty prefix means all keys"));
    AgentConfig config =
        read("clusters: {one: {source: {endpoints: a}, repository: /r, prefix: /one/}}");
    assertThat(config.clusters().get(0).prefix()).contains(ByteString.copyFromUtf8("/one/"));
  }
}
