package io.lodestone.cli;

import io.lodestone.client.ClientOptions;
import io.lodestone.client.EtcdConnection;
import io.lodestone.etcdfile.db.DurableFiles;
import io.lodestone.inspect.Backups;
import io.lodestone.inspect.Consistency;
import io.lodestone.inspect.Health;
import io.lodestone.inspect.Inspection;
import io.lodestone.inspect.Keys;
import io.lodestone.inspect.Observation;
import io.lodestone.inspect.Observation.Verdict;
import io.lodestone.inspect.Space;
import io.lodestone.inspect.Writes;
import io.lodestone.repository.Lineage;
import io.lodestone.repository.Repository;
import io.lodestone.repository.objects.ObjectStores;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code inspect}: what is wrong with a cluster and its backups, or soon will be. */
@Command(
    name = "inspect",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Looks at a cluster, and with --repository at its backups, and changes nothing: health, alarms, consistency,",
      "backup, requests, keys. Exit code 3 where there is a problem, 0 for warnings only."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  lodestone inspect --endpoints 10.0.0.1:2379,10.0.0.2:2379,10.0.0.3:2379",
      "  lodestone inspect backup requests --endpoints 10.0.0.1:2379 --repository s3://backups/prod"
    })
final class InspectCommand implements Callable<Integer> {
  private static final List<String> OF_CLUSTERS = List.of("health", "alarms", "consistency");
  private static final List<String> OF_BACKUPS = List.of("backup", "requests", "keys");

  @Parameters(
      paramLabel = "WHAT",
      description =
          "any of health, alarms, consistency, and with --repository backup, requests, keys; default: all")
  private List<String> wanted = List.of();

  @Spec private CommandSpec command;

  @Mixin private final ClusterOptions cluster = new ClusterOptions();

  @Option(names = "--repository", paramLabel = "URI", description = RepositoryAddress.HELP)
  private Optional<String> repository = Optional.empty();

  @Mixin private final KeysetOption keyset = new KeysetOption();

  @Option(
      names = "--quota-bytes",
      paramLabel = "N",
      defaultValue = "2147483648",
      description = "the members' --quota-backend-bytes; default: etcd's, 2 GiB")
  private long quotaBytes = 2L << 30;

  @Option(
      names = "--max-backup-age",
      paramLabel = "TIME",
      defaultValue = "5m",
      converter = BackupRunCommand.DurationConverter.class,
      description = "how old the newest restorable point may be; default: 5m")
  private Duration maxBackupAge = Duration.ofMinutes(5);

  @Option(
      names = "--max-proof-age",
      paramLabel = "TIME",
      defaultValue = "168h",
      converter = BackupRunCommand.DurationConverter.class,
      description = "how old the last drill may be; default: 168h, a week")
  private Duration maxProofAge = Duration.ofDays(7);

  @Option(
      names = "--revisions",
      paramLabel = "N",
      defaultValue = "10000",
      description = "how many of the newest revisions to count requests by; default: 10000")
  private long revisions = 10_000;

  @Mixin private final OutputOption output = new OutputOption();

  @Override
  public Integer call() throws IOException, InterruptedException {
    misuse()
        .ifPresent(
            what -> {
              throw new ParameterException(command.commandLine(), what);
            });
    Path work = Files.createTempDirectory("lodestone-inspect");
    ClientOptions options = cluster.toClientOptions();
    try (EtcdConnection connection = EtcdConnection.open(options)) {
      List<Inspection> inspections = new ArrayList<>();
      inspections.add(new Health(connection));
      inspections.add(new Space(connection, quotaBytes));
      inspections.add(new Consistency(options, work));
      if (repository.isEmpty()) {
        return look(inspections);
      }
      try (Repository opened =
          Repository.open(ObjectStores.open(repository.get()), keyset.cipher())) {
        inspections.addAll(ofBackups(opened, connection.clusterId(), work));
        return look(inspections);
      }
    } finally {
      DurableFiles.deleteTree(work);
    }
  }

  private Optional<String> misuse() {
    for (String name : wanted) {
      if (OF_BACKUPS.contains(name) && repository.isEmpty()) {
        return Optional.of("'" + name + "' looks at backups: name their --repository");
      }
      if (!OF_BACKUPS.contains(name) && !OF_CLUSTERS.contains(name)) {
        return Optional.of(
            "there is no inspection '"
                + name
                + "'; there are "
                + String.join(", ", OF_CLUSTERS)
                + ", and with --repository "
                + String.join(", ", OF_BACKUPS));
      }
    }
    return Optional.empty();
  }

  private List<Inspection> ofBackups(Repository opened, long clusterId, Path work)
      throws IOException {
    Optional<Lineage> newest = opened.newest(clusterId);
    if (newest.isEmpty()) {
      return List.of(new NoBackups(clusterId));
    }
    Lineage lineage = newest.get();
    List<Inspection> inspections = new ArrayList<>();
    inspections.add(new Backups(opened, lineage, maxBackupAge, maxProofAge, Clock.systemUTC()));
    opened
        .lastPosition(lineage)
        .flatMap(position -> position.end())
        .ifPresent(
            end -> {
              inspections.add(new Writes(opened.source(lineage), end.revision(), revisions));
              inspections.add(new Keys(opened.contents(lineage, work)));
            });
    return inspections;
  }

  private int look(List<Inspection> inspections) throws IOException, InterruptedException {
    Report report = new Report().list("observations");
    boolean problem = false;
    long warnings = 0;
    for (Inspection inspection : inspections) {
      if (!wanted.isEmpty() && !wanted.contains(inspection.name())) {
        continue;
      }
      for (Observation seen : inspection.look()) {
        problem |= seen.verdict() == Verdict.PROBLEM;
        warnings += seen.verdict() == Verdict.WARNING ? 1 : 0;
        report.row(
            "observations",
            "inspection",
            inspection.name(),
            "verdict",
            seen.verdict(),
            "subject",
            seen.subject(),
            "seen",
            seen.seen(),
            "hint",
            seen.hint());
      }
    }
    report.fact("problems", problem).fact("warnings", warnings);
    output.print(report);
    return problem ? ExitCodes.DAMAGE : ExitCodes.DONE;
  }

  /** A repository without the cluster in it. */
  private record NoBackups(long clusterId) implements Inspection {
    @Override
    public String name() {
      return "backup";
    }

    @Override
    public List<Observation> look() {
      return List.of(
          new Observation(
              Verdict.PROBLEM,
              "cluster " + Long.toHexString(clusterId),
              "the repository has no backup of it",
              "run: lodestone backup run"));
    }
  }
}
