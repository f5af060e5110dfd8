package io.lodestone.cli;

import com.google.protobuf.ByteString;
import io.lodestone.backup.AgentListener;
import io.lodestone.backup.BackupAgent;
import io.lodestone.backup.BackupReport;
import io.lodestone.backup.Goal;
import io.lodestone.backup.SealPolicy;
import io.lodestone.client.EtcdConnection;
import io.lodestone.client.FollowOptions;
import io.lodestone.client.LivingCluster;
import io.lodestone.client.PrefixCluster;
import io.lodestone.etcdfile.db.SnapshotFileSource;
import io.lodestone.repository.Repository;
import io.lodestone.repository.Takeover;
import io.lodestone.repository.WriterSettings;
import io.lodestone.repository.format.Holder;
import io.lodestone.revisions.RevisionSource;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The parts of a backup agent, wired: the options that all capturing commands have. */
final class CapturePlan {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  @Mixin private final ClusterOptions cluster = new ClusterOptions();
  @Mixin private final OutputOption output = new OutputOption();

  @Mixin private final RepositoryAddress repository = new RepositoryAddress();

  @Option(
      names = "--spool-dir",
      paramLabel = "DIR",
      description =
          "where a snapshot and a backlog are kept meanwhile; default: the system's temporary directory")
  private Optional<Path> spoolDirectory = Optional.empty();

  @Option(
      names = "--prefix",
      paramLabel = "P",
      description =
          "back up the keys that begin with P only, for a user who may read no others: 'restore keys' can put them"
              + " back, no whole state can be made of them")
  private Optional<String> prefix = Optional.empty();

  @Option(
      names = "--agent-id",
      paramLabel = "ID",
      description = "the name under which other agents see this one; default: the host's name")
  private Optional<String> agentId = Optional.empty();

  @Option(
      names = "--take-over",
      description =
          "take the repository from an agent that seems alive; that one will stop at its next write")
  private boolean takeOver;

  int run(Goal goal, SealPolicy policy) throws IOException, InterruptedException {
    if (prefix.filter(String::isEmpty).isPresent()) {
      throw new ParameterException(
          command.commandLine(), "an empty --prefix means all keys: leave it out");
    }
    try (EtcdConnection connection = EtcdConnection.open(cluster.toClientOptions());
        Repository opened = repository.openOrCreate();
        Progress progress = Progress.of("captured", " rows", 1)) {
      Path spool = spoolDirectory.orElse(Path.of(System.getProperty("java.io.tmpdir")));
      Optional<ByteString> scope = prefix.map(ByteString::copyFromUtf8);
      AgentListener listener =
          new AgentListener() {
            @Override
            public void captured(long records) {
              progress.at(records);
            }
          };
      Takeover takeover = takeOver ? Takeover.FORCED : Takeover.WHEN_SILENT;
      BackupAgent agent =
          new BackupAgent(
              connection,
              source(connection, scope, FollowOptions.in(spool)),
              scope,
              opened,
              holder(),
              takeover,
              policy,
              WriterSettings.DEFAULT,
              listener);
      ((Lodestone) command.root().userObject()).shutdown().onStop(agent::stop);
      print(agent.run(goal));
      return ExitCodes.DONE;
    }
  }

  private static RevisionSource source(
      EtcdConnection connection, Optional<ByteString> prefix, FollowOptions follow) {
    return prefix.isPresent()
        ? new PrefixCluster(connection, prefix.get(), follow, Clock.systemUTC())
        : new LivingCluster(connection, SnapshotFileSource::new, follow, Clock.systemUTC());
  }

  private Holder holder() throws UnknownHostException {
    String host = InetAddress.getLocalHost().getHostName();
    return new Holder(agentId.orElse(host), host, ProcessHandle.current().pid());
  }

  private void print(BackupReport report) {
    output.print(
        new Report()
            .fact("lineage", report.lineage())
            .fact("resumedAt", report.resumedAt())
            .fact("durableRevision", report.durable())
            .fact("records", report.records())
            .fact("bytes", new Report.Size(report.bytes()))
            .fact("bases", report.bases())
            .fact("seconds", report.elapsed().toMillis() / 1000.0));
  }
}
