package io.lodestone.server.config;

import io.lodestone.settings.InvalidConfigException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Everything that a store can be told, checked. Immutable.
 *
 * @param httpUrls where not empty, HTTP is served here and {@code clientUrls} speak gRPC only
 * @param electionTimeout also decides the least TTL of a lease: 1.5 times this
 * @param initialCluster names and peer URLs of a new cluster's members, this one among them
 * @param joining the cluster exists already and this member was added to it
 * @param authTokenSpec as etcd's {@code --auth-token} has it
 * @param notices what the log should say about flags that do nothing
 */
public record StoreConfig(
    String name,
    Path dataDir,
    List<URI> clientUrls,
    List<URI> httpUrls,
    List<URI> metricsUrls,
    List<URI> peerUrls,
    List<URI> advertiseClientUrls,
    List<URI> advertisePeerUrls,
    Duration heartbeatInterval,
    Duration electionTimeout,
    Map<String, List<String>> initialCluster,
    boolean joining,
    String clusterToken,
    boolean forceNewCluster,
    boolean strictReconfigCheck,
    long snapshotCount,
    RequestLimits limits,
    CompactionConfig compaction,
    CorruptionConfig corruption,
    TlsConfig clientTls,
    TlsConfig peerTls,
    List<String> cors,
    List<String> hostWhitelist,
    boolean gateway,
    String authTokenSpec,
    Duration authTokenTtl,
    int bcryptCost,
    Duration watchProgressInterval,
    boolean leaseCheckpoint,
    boolean leaseCheckpointPersist,
    boolean synced,
    boolean extensiveMetrics,
    LogConfig log,
    List<String> notices) {
  public StoreConfig {
    clientUrls = List.copyOf(clientUrls);
    httpUrls = List.copyOf(httpUrls);
    metricsUrls = List.copyOf(metricsUrls);
    peerUrls = List.copyOf(peerUrls);
    advertiseClientUrls = List.copyOf(advertiseClientUrls);
    advertisePeerUrls = List.copyOf(advertisePeerUrls);
    initialCluster = Map.copyOf(initialCluster);
    cors = List.copyOf(cors);
    hostWhitelist = List.copyOf(hostWhitelist);
    notices = List.copyOf(notices);
  }

  /**
   * Reads flags, then variables, or the config file alone where one is named. Fails with {@link
   * InvalidConfigException}, in etcd's words where etcd has some.
   */
  public static StoreConfig read(List<String> arguments, Map<String, String> environment) {
    FlagValues.Builder typed = new FlagValues.Builder();
    FlagReader.readCommandLine(arguments, typed);
    FlagReader.readEnvironment(environment, typed);
    Optional<String> file = typed.get(Flags.CONFIG_FILE).filter(path -> !path.isEmpty());
    if (file.isEmpty()) {
      return new ConfigReader(typed.build()).read();
    }
    FlagValues.Builder filed = new FlagValues.Builder();
    ConfigFile.read(Path.of(file.get()), filed);
    return new ConfigReader(filed.build()).read();
  }

  /** One line for each flag: its name, what it takes, what it does; for {@code --help}. */
  public static List<FlagHelp> help() {
    return Flags.all().stream()
        .filter(flag -> flag.use() == Flag.Use.WORKS)
        .map(
            flag ->
                new FlagHelp("--" + flag.name(), flag.kind().hint(), flag.fallback(), flag.help()))
        .toList();
  }

  /** The names of flags that are accepted without effect. */
  public static List<String> pointless() {
    return Flags.all().stream()
        .filter(flag -> flag.use() == Flag.Use.POINTLESS)
        .map(flag -> "--" + flag.name())
        .toList();
  }

  /** What {@code --help} says of a flag. */
  public record FlagHelp(String name, String takes, String fallback, String help) {}
}
