package io.lodestone.cli;

import io.lodestone.client.Endpoint;
import io.lodestone.etcdfile.member.ClusterSpec;
import io.lodestone.etcdfile.member.MemberSpec;
import io.lodestone.migrate.EtcdSeed;
import io.lodestone.migrate.FenceKind;
import io.lodestone.migrate.MigrationDirectory;
import io.lodestone.migrate.MigrationOptions;
import io.lodestone.migrate.MigrationOptions.Hooks;
import io.lodestone.migrate.Seed;
import io.lodestone.migrate.metrics.MetricsPort;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** A migration, as the commands that act on one are told about it. */
final class MigrationSettings {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      preprocessor = SettingsFile.class,
      description = "YAML with these options as keys, without their dashes; options behind it win")
  @SuppressWarnings("UnusedVariable") // its preprocessor puts what the file says in its place
  private Optional<Path> config = Optional.empty();

  @Mixin private final MigrationDirOption directory = new MigrationDirOption();
  @Mixin private final ClusterOptions source = new ClusterOptions();
  @Mixin private final DestinationOptions destination = new DestinationOptions();

  @Option(
      names = "--to-initial-cluster",
      split = ",",
      paramLabel = "NAME=URL",
      description = "every member of the new cluster and its peer URL, as etcd's --initial-cluster")
  private List<String> initialCluster = List.of();

  @Option(
      names = "--to-initial-cluster-token",
      paramLabel = "TOKEN",
      defaultValue = "etcd-cluster",
      description = "as etcd's flag; default: etcd-cluster")
  private String token = "etcd-cluster";

  @Option(
      names = "--to-data-dir",
      paramLabel = "DIR",
      description = "write each new member's data directory to DIR/<name>")
  private Optional<Path> dataDir = Optional.empty();

  @Option(
      names = "--to-store-dir",
      paramLabel = "DIR",
      description = "instead: the destination is a lodestone store; write its data directory")
  private Optional<Path> storeDir = Optional.empty();

  @Option(
      names = "--to-running",
      description =
          "instead: the destination runs and is empty, and gets everything through its API, one transaction "
              + "for each revision; users and roles are not taken over")
  private boolean running;

  @Option(
      names = "--start-command",
      paramLabel = "COMMAND",
      description =
          "starts the destination on the directories written, and returns; without it, start it yourself")
  private Optional<String> startCommand = Optional.empty();

  @Option(
      names = "--stop-command",
      paramLabel = "COMMAND",
      description =
          "stops the destination, and returns; needed where its data have to be written anew: the source turns "
              + "out faster than the destination can repeat, or an attempt with --late-seed failed")
  private Optional<String> stopCommand = Optional.empty();

  @Option(
      names = "--late-seed",
      description =
          "for a source that writes faster than a destination can repeat: the destination is written and "
              + "started only once the source is fenced, from a copy kept until then; writers wait for that")
  private boolean lateSeed;

  @Option(
      names = "--fence",
      paramLabel = "HOW",
      defaultValue = "alarm",
      description =
          "how writes on the source are stopped for the cutover: alarm (a CORRUPT alarm, which monitoring "
              + "will report; default), auth (roles lose their permissions to write; root does not, and leases "
              + "still expire), hook (--fence-command), or none (you have stopped the writers)")
  private FenceKind fence = FenceKind.ALARM;

  @Option(
      names = "--fence-command",
      paramLabel = "COMMAND",
      description = "stops the writers, and returns")
  private Optional<String> fenceCommand = Optional.empty();

  @Option(
      names = "--unfence-command",
      paramLabel = "COMMAND",
      description = "lets them go on, where the cutover is given up")
  private Optional<String> unfenceCommand = Optional.empty();

  @Option(
      names = "--cutover-command",
      paramLabel = "COMMAND",
      description = "sends the clients to the destination: DNS, load balancer, configuration")
  private Optional<String> cutoverCommand = Optional.empty();

  @Option(
      names = "--rollback-command",
      paramLabel = "COMMAND",
      description = "sends them back to the source")
  private Optional<String> rollbackCommand = Optional.empty();

  @Option(
      names = "--keep-way-back",
      description =
          "after the cutover, go on running and keep the way back open, until migrate rollback takes it or "
              + "migrate finish gives it up")
  private boolean keepWayBack;

  @Option(
      names = "--patience",
      paramLabel = "TIME",
      defaultValue = "10m",
      converter = BackupRunCommand.DurationConverter.class,
      description =
          "how long to wait for the destination to be started or to come back, and for a command; default: 10m")
  private Duration patience = Duration.ofMinutes(10);

  @Option(
      names = "--look-interval",
      paramLabel = "TIME",
      defaultValue = "1s",
      converter = BackupRunCommand.DurationConverter.class,
      description =
          "how often to look at leases and compactions, which a watch does not tell; default: 1s")
  private Duration lookInterval = Duration.ofSeconds(1);

  @Option(
      names = "--lease-grace",
      paramLabel = "TIME",
      defaultValue = "30s",
      converter = BackupRunCommand.DurationConverter.class,
      description =
          "after the cutover, how long leases are kept for clients on their way; default: 30s")
  private Duration leaseGrace = Duration.ofSeconds(30);

  @Option(
      names = "--listen",
      paramLabel = "HOST:PORT",
      description =
          "where migrate run serves /metrics for Prometheus; port 0 takes any; default: nowhere")
  private Optional<String> listen = Optional.empty();

  /** Serves the migration's metrics where that is asked for. */
  Optional<MetricsPort> openMetricsPort() {
    return listen
        .map(Endpoint::parse)
        .map(
            at -> MetricsPort.open(at.host(), at.port(), new MigrationDirectory(directory.path())));
  }

  MigrationOptions toOptions(boolean cutoverWhenSteady) throws IOException {
    return new MigrationOptions(
        source.toClientOptions(),
        destination.toClientOptions(source),
        directory.path(),
        seed(),
        lateSeed,
        fence,
        new Hooks(
            startCommand,
            stopCommand,
            fenceCommand,
            unfenceCommand,
            cutoverCommand,
            rollbackCommand),
        cutoverWhenSteady,
        keepWayBack,
        patience,
        lookInterval,
        leaseGrace);
  }

  private Optional<Seed> seed() {
    if (Stream.of(dataDir.isPresent(), storeDir.isPresent(), running).filter(is -> is).count()
        != 1) {
      throw misuse(
          "a migration needs one destination: --to-data-dir, --to-store-dir or --to-running");
    }
    if (fence == FenceKind.HOOK && (fenceCommand.isEmpty() || unfenceCommand.isEmpty())) {
      throw misuse("--fence hook needs --fence-command and --unfence-command");
    }
    if (lateSeed && running) {
      throw misuse("--late-seed needs data to write: --to-data-dir or --to-store-dir");
    }
    if (lateSeed && fence == FenceKind.AUTH) {
      throw misuse("--late-seed takes users and roles along, so the fence has to leave them alone");
    }
    if (running) {
      return Optional.empty();
    }
    if (storeDir.isPresent()) {
      return Optional.of(new StoreSeed(storeDir.get()));
    }
    if (initialCluster.isEmpty()) {
      throw misuse(
          "--to-data-dir needs the new members: --to-initial-cluster m1=http://10.0.0.1:2380,m2=...");
    }
    ClusterSpec cluster = InitialCluster.parse(token, initialCluster);
    Map<String, Path> directories = new LinkedHashMap<>();
    for (MemberSpec member : cluster.members()) {
      directories.put(member.name(), dataDir.get().resolve(member.name()));
    }
    return Optional.of(new EtcdSeed(cluster, directories));
  }

  private ParameterException misuse(String what) {
    return new ParameterException(command.commandLine(), what);
  }
}
