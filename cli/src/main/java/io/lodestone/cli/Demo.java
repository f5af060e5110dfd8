package io.lodestone.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lodestone.api.LodestoneException;
import io.lodestone.peers.ChildProcess;
import io.lodestone.peers.EtcdCluster;
import io.lodestone.peers.EtcdMember;
import io.lodestone.peers.EtcdRelease;
import io.lodestone.peers.S3Server;
import io.lodestone.peers.Workload;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The main job, shown on real processes: a stock etcd cluster of three under writes, two agents
 * (one to files, one to S3), a disaster that leaves no disk, and a restore from each repository.
 * What it does to backups it does by the commands it prints.
 */
final class Demo {
  private static final Duration UNDER_WRITES = Duration.ofSeconds(8);
  private static final Duration COMMAND_PATIENCE = Duration.ofSeconds(60);

  private final PrintWriter say;
  private final EtcdRelease release;
  private final Path folder;

  private Demo(PrintWriter say, EtcdRelease release, Path folder) {
    this.say = say;
    this.release = release;
    this.folder = folder;
  }

  /**
   * Runs in a temporary folder, which it removes. The report's fact {@code equal} tells whether
   * every hash agrees.
   */
  static Report run(PrintWriter say) throws IOException, InterruptedException {
    EtcdRelease release =
        EtcdRelease.newest()
            .orElseThrow(
                () ->
                    new LodestoneException(
                        "the demo needs stock etcd, and none is on this machine",
                        "run ./check once, which fetches it; or install it (Debian: apt-get install etcd-server etcd-client)"));
    Path folder = Files.createTempDirectory("lodestone-demo-");
    try {
      return new Demo(say, release, folder).run();
    } finally {
      delete(folder);
    }
  }

  private Report run() throws IOException, InterruptedException {
    try (S3Server s3 = S3Server.start(Files.createDirectory(folder.resolve("s3")))) {
      Map<String, String> credentials =
          Map.of(
              "AWS_ACCESS_KEY_ID",
              s3.accessKey(),
              "AWS_SECRET_ACCESS_KEY",
              s3.secretKey(),
              "AWS_REGION",
              "us-east-1");
      List<String> repositories =
          List.of(
              "file:" + folder.resolve("backups"),
              "s3://"
                  + s3.bucket()
                  + "/demo?endpoint="
                  + s3.endpoint()
                  + "&path-style=true&region=us-east-1");
      StateLog before = disaster(repositories, credentials);
      Report report = new Report().fact("etcd", release.version()).list("restored");
      boolean equal = true;
      for (String repository : repositories) {
        equal &= restore(repository, credentials, before, report);
      }
      return report.fact("equal", equal);
    }
  }

  /**
   * Writes, backs up, and destroys the cluster while it is written to; returns what it had said of
   * itself.
   */
  private StateLog disaster(List<String> repositories, Map<String, String> credentials)
      throws IOException, InterruptedException {
    say.println(
        "Starting a cluster of three members of stock etcd "
            + release.version()
            + ", and writers on it");
    StateLog states = new StateLog();
    List<ChildProcess> agents = new ArrayList<>();
    try (EtcdCluster cluster =
            EtcdCluster.of(release, folder.resolve("cluster")).members(3).start();
        Workload writers =
            Workload.start(1, 2, false, List.of(cluster.channel(0), cluster.channel(1)))) {
      for (String repository : repositories) {
        agents.add(
            lodestone(
                credentials,
                "backup",
                "run",
                "--endpoints",
                String.join(",", cluster.endpoints()),
                "--repository",
                repository));
      }
      watch(cluster, states);
      say.println(
          "Disaster: killing every member under "
              + writers.writes()
              + " writes, and deleting their disks");
      for (EtcdMember member : cluster.members()) {
        member.kill();
        delete(member.dataDir());
      }
      states.disasterAt(Instant.now());
    } finally {
      agents.forEach(ChildProcess::close);
    }
    return states;
  }

  private static void watch(EtcdCluster cluster, StateLog states) throws InterruptedException {
    long end = System.nanoTime() + UNDER_WRITES.toNanos();
    while (System.nanoTime() < end) {
      states.ask(cluster.channel(0));
      TimeUnit.MILLISECONDS.sleep(50);
    }
  }

  /**
   * Restores the newest captured state and compares it with what the cluster had said at that
   * revision.
   */
  private boolean restore(
      String repository, Map<String, String> credentials, StateLog before, Report report)
      throws IOException, InterruptedException {
    JsonNode described = json(credentials, "backup", "describe", "--repository", repository);
    long durable = described.path("lastRevision").asLong();
    JsonNode newest = described.path("restorable").get(described.path("restorable").size() - 1);
    Path target = folder.resolve("restored-" + repository.substring(0, repository.indexOf(':')));
    EtcdCluster.Plan plan = EtcdCluster.of(release, target).members(3);
    String members =
        plan.peerUrls().entrySet().stream()
            .map(e -> e.getKey() + "=" + e.getValue())
            .collect(Collectors.joining(","));
    JsonNode restored =
        json(
            credentials,
            "restore",
            "--repository",
            repository,
            "--initial-cluster",
            members,
            "--initial-cluster-token",
            plan.token(),
            "--data-dir",
            target.toString());
    StateLog after = new StateLog();
    long compared = before.lastUpTo(durable);
    try (EtcdCluster cluster = plan.start()) {
      after.ask(cluster.channel(0), compared);
    }
    boolean equal = after.at(compared).equals(before.at(compared));
    Duration lost =
        Duration.between(Instant.parse(newest.path("toTime").asText()), before.disasterAt());
    report.row(
        "restored",
        "repository",
        repository.substring(0, repository.indexOf(':')),
        "revision",
        durable,
        "keys",
        after.at(compared).keys(),
        "lostSeconds",
        Math.max(0, lost.toMillis()) / 1000.0,
        "restoreSeconds",
        restored.path("seconds").asDouble(),
        "comparedAtRevision",
        compared,
        "hashKvBefore",
        Integer.toUnsignedString(before.at(compared).hash()),
        "hashKvAfter",
        Integer.toUnsignedString(after.at(compared).hash()),
        "equal",
        equal);
    return equal;
  }

  /** Shows a command, and starts it in a process of its own. */
  private ChildProcess lodestone(Map<String, String> credentials, String... arguments)
      throws IOException {
    say.println("$ lodestone " + String.join(" ", arguments));
    List<String> command =
        new ArrayList<>(
            List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
    command.addAll(List.of("-Xmx112m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
    command.addAll(
        List.of("-cp", System.getProperty("java.class.path"), Lodestone.class.getName()));
    command.addAll(Arrays.asList(arguments));
    return ChildProcess.start(
        command, credentials, Files.createTempFile(folder, "lodestone-", ".log"));
  }

  private JsonNode json(Map<String, String> credentials, String... arguments)
      throws IOException, InterruptedException {
    List<String> all = new ArrayList<>(Arrays.asList(arguments));
    all.addAll(List.of("--output", "json"));
    try (ChildProcess process = lodestone(credentials, all.toArray(String[]::new))) {
      if (process.waitFor(COMMAND_PATIENCE.toSeconds()) != 0) {
        throw new LodestoneException(
            process.output(), "the demo ends here; the message above is the command's");
      }
      return new ObjectMapper()
          .readTree(
              process
                  .output()
                  .lines()
                  .dropWhile(line -> !line.startsWith("{"))
                  .collect(Collectors.joining("\n")));
    }
  }

  private static void delete(Path directory) throws IOException {
    try (Stream<Path> paths = Files.walk(directory)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
