package io.lodestone.cli;

import io.lodestone.api.LodestoneException;
import io.lodestone.replica.Mode;
import io.lodestone.replica.Replica;
import io.lodestone.replica.ReplicaOptions;
import io.lodestone.repository.Repository;
import io.lodestone.repository.RepositorySource;
import io.lodestone.repository.objects.ObjectStores;
import io.lodestone.server.config.StoreConfig;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;
import picocli.CommandLine.Unmatched;

/** {@code replica}: a copy of a cluster in the foreground; its subcommands look at one. */
@Command(
    name = "replica",
    mixinStandardHelpOptions = true,
    description = {
      "Keeps a copy of a living cluster and serves it, until it is stopped (SIGTERM).",
      "Reads and watches are answered from the copy; what changes something is handed to the cluster.",
      "How it listens is told by etcd's own flags: see lodestone store --help."
    },
    synopsisSubcommandLabel = "[COMMAND]",
    footerHeading = "%nExamples:%n",
    footer = {
      "  lodestone replica --endpoints 10.0.0.1:2379,10.0.0.2:2379 --data-dir /var/lib/replica \\",
      "      --listen-client-urls http://0.0.0.0:2389",
      "  lodestone replica --endpoints https://etcd:2379 --cacert ca.pem --cert c.pem --key c.key \\",
      "      --data-dir /var/lib/replica --listen-client-urls https://0.0.0.0:2389 \\",
      "      --cert-file server.pem --key-file server.key",
      "  lodestone replica --mode raft --endpoints 10.0.0.1:2379,10.0.0.2:2379 \\",
      "      --data-dir /var/lib/replica --listen-client-urls http://0.0.0.0:2389 \\",
      "      --listen-peer-urls http://0.0.0.0:2390 --initial-advertise-peer-urls http://10.0.0.9:2390",
      "  lodestone replica status --replica 127.0.0.1:2389 --endpoints 10.0.0.1:2379",
      "  lodestone replica verify --replica 127.0.0.1:2389 --endpoints 10.0.0.1:2379"
    })
final class ReplicaCommand implements Callable<Integer> {
  private static final String LISTEN = "--listen-client-urls";
  private static final String ADVERTISE = "--advertise-client-urls";
  private static final List<String> OF_PEERS =
      List.of("--listen-peer-urls", "--initial-advertise-peer-urls");

  @Spec private CommandSpec command;

  @ParentCommand private Lodestone program;

  @Mixin private final ClusterOptions source = new ClusterOptions();
  @Mixin private final KeysetOption keyset = new KeysetOption();

  @Option(
      names = "--data-dir",
      paramLabel = "DIR",
      defaultValue = "default.replica",
      description = "where the copy is kept; default: default.replica")
  private String dataDir = "default.replica";

  @Option(
      names = LISTEN,
      paramLabel = "URLS",
      defaultValue = "http://127.0.0.1:2389",
      description = "where to serve, by commas, each with a port; default: http://127.0.0.1:2389")
  private String listen = "http://127.0.0.1:2389";

  @Option(
      names = "--forward",
      arity = "0..1",
      paramLabel = "BOOLEAN",
      defaultValue = "true",
      fallbackValue = "true",
      description = {
        "hand what changes something to the cluster; default: true.",
        "--forward=false refuses it, as etcd's learners do"
      })
  private boolean forward = true;

  @Option(
      names = "--look-interval",
      paramLabel = "TIME",
      defaultValue = "1s",
      converter = BackupRunCommand.DurationConverter.class,
      description =
          "how often to look at leases and compactions, which a watch does not tell; default: 1s")
  private Duration lookInterval = Duration.ofSeconds(1);

  @Option(
      names = "--verify-interval",
      paramLabel = "TIME",
      converter = BackupRunCommand.DurationConverter.class,
      description =
          "how often to compare HashKV with the cluster's first endpoint, for example 1h; default: "
              + "never, since that member reads its whole keyspace")
  private Optional<Duration> verifyInterval = Optional.empty();

  @Option(
      names = "--from-repository",
      paramLabel = "URI",
      description = {
        "take the first base from these backups of the cluster; it then gives only what came later.",
        RepositoryAddress.HELP
      })
  private Optional<String> fromRepository = Optional.empty();

  @Option(
      names = "--mode",
      paramLabel = "MODE",
      defaultValue = "watch",
      converter = ModeConverter.class,
      description =
          "how to follow: watch (default), as any client does, with any number of replicas; or raft, "
              + "as a learner of a cluster of stock etcd, which then sends its log: one for each "
              + "cluster, and other members must reach --initial-advertise-peer-urls")
  private Mode mode = Mode.WATCH;

  /** etcd's flags, which the server reads itself. */
  @Unmatched private List<String> flags = new ArrayList<>();

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (mode == Mode.RAFT) {
      requireFlagsOfPeers();
    }
    if (fromRepository.isEmpty()) {
      return run(Optional.empty());
    }
    try (Repository repository =
        Repository.open(ObjectStores.open(fromRepository.get()), keyset.cipher())) {
      return run(Optional.of(clusterId -> historyOf(clusterId, repository)));
    }
  }

  private void requireFlagsOfPeers() {
    if (fromRepository.isPresent()) {
      throw misuse("--mode raft takes its base from the leader: leave out --from-repository");
    }
    for (String needed : OF_PEERS) {
      if (flags.stream().noneMatch(flag -> flag.startsWith(needed))) {
        throw misuse(
            "--mode raft needs "
                + needed
                + ", for example http://10.0.0.9:2390: other members talk"
                + " to a learner");
      }
    }
  }

  private ParameterException misuse(String what) {
    return new ParameterException(command.commandLine(), what);
  }

  private int run(Optional<ReplicaOptions.Seed> seed) throws IOException, InterruptedException {
    Replica replica =
        new Replica(
            new ReplicaOptions(
                source.toClientOptions(),
                lookInterval,
                serving(),
                forward,
                verifyInterval,
                seed,
                mode));
    program.shutdown().onStop(replica::stop);
    replica.run();
    return ExitCodes.DONE;
  }

  private static RepositorySource historyOf(long clusterId, Repository repository)
      throws IOException {
    return repository
        .newest(clusterId)
        .map(repository::source)
        .orElseThrow(
            () ->
                new LodestoneException(
                    "the repository has no backup of cluster " + Long.toHexString(clusterId),
                    "check --from-repository, or leave it out to copy the cluster itself"));
  }

  private StoreConfig serving() {
    List<String> all = new ArrayList<>(List.of("--data-dir", dataDir, LISTEN, listen));
    if (flags.stream().noneMatch(flag -> flag.startsWith(ADVERTISE))) {
      all.addAll(List.of(ADVERTISE, listen));
    }
    all.addAll(flags);
    return StoreConfig.read(all, Map.of());
  }

  static final class ModeConverter implements ITypeConverter<Mode> {
    @Override
    public Mode convert(String text) {
      return switch (text) {
        case "watch" -> Mode.WATCH;
        case "raft" -> Mode.RAFT;
        default -> throw new TypeConversionException("'" + text + "' is neither watch nor raft");
      };
    }
  }
}
