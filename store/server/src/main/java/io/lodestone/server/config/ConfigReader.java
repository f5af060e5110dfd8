package io.lodestone.server.config;

import io.lodestone.settings.InvalidConfigException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Makes a {@link StoreConfig} of flag values, with etcd's checks across flags. */
final class ConfigReader {
  private static final long LONGEST_ELECTION_MILLIS = 50_000;
  private static final int HEARTBEATS_PER_ELECTION = 5;

  private final FlagValues values;

  ConfigReader(FlagValues values) {
    this.values = values;
  }

  StoreConfig read() {
    String name = values.text(Flags.NAME);
    List<URI> advertisePeerUrls = MemberUrls.parse(values, Flags.INITIAL_ADVERTISE_PEER_URLS);
    List<URI> clientUrls = listened(Flags.LISTEN_CLIENT_URLS);
    checkAdvertised();
    checkTimes();
    return new StoreConfig(
        name,
        values.optional(Flags.DATA_DIR).map(Path::of).orElse(Path.of(name + ".etcd")),
        clientUrls,
        listened(Flags.LISTEN_CLIENT_HTTP_URLS),
        listened(Flags.LISTEN_METRICS_URLS),
        listened(Flags.LISTEN_PEER_URLS),
        MemberUrls.parse(values, Flags.ADVERTISE_CLIENT_URLS),
        advertisePeerUrls,
        Duration.ofMillis(values.number(Flags.HEARTBEAT_INTERVAL)),
        Duration.ofMillis(values.number(Flags.ELECTION_TIMEOUT)),
        initialCluster(name, advertisePeerUrls),
        choice(Flags.INITIAL_CLUSTER_STATE, Set.of("new", "existing")).equals("existing"),
        values.text(Flags.INITIAL_CLUSTER_TOKEN),
        values.on(Flags.FORCE_NEW_CLUSTER),
        values.on(Flags.STRICT_RECONFIG_CHECK),
        values.number(Flags.SNAPSHOT_COUNT),
        RequestLimits.of(values),
        CompactionConfig.of(values),
        CorruptionConfig.of(values),
        TlsConfig.ofClients(values),
        TlsConfig.ofPeers(values),
        values.list(Flags.CORS),
        values.list(Flags.HOST_WHITELIST),
        values.on(Flags.ENABLE_GRPC_GATEWAY),
        values.text(Flags.AUTH_TOKEN),
        Duration.ofSeconds(values.number(Flags.AUTH_TOKEN_TTL)),
        bcryptCost(),
        values.duration(Flags.WATCH_PROGRESS_NOTIFY_INTERVAL),
        values.on(Flags.LEASE_CHECKPOINT),
        leaseCheckpointPersist(),
        !values.on(Flags.UNSAFE_NO_FSYNC),
        choice(Flags.METRICS, Set.of("basic", "extensive")).equals("extensive"),
        LogConfig.of(values),
        values.notices());
  }

  private Map<String, List<String>> initialCluster(String name, List<URI> advertisePeerUrls) {
    Map<String, List<String>> members =
        values
            .optional(Flags.INITIAL_CLUSTER)
            .map(MemberUrls::cluster)
            .orElseGet(() -> Map.of(name, advertisePeerUrls.stream().map(URI::toString).toList()));
    if (!members.containsKey(name)) {
      throw new InvalidConfigException(
          "couldn't find local name \"" + name + "\" in the initial cluster configuration",
          "--initial-cluster must list this member under its --name");
    }
    return members;
  }

  private void checkAdvertised() {
    if (values.isSet(Flags.LISTEN_CLIENT_URLS) && !values.isSet(Flags.ADVERTISE_CLIENT_URLS)) {
      throw new InvalidConfigException(
          "--advertise-client-urls is required when --listen-client-urls is set explicitly",
          "say under which URLs clients reach this member");
    }
  }

  private void checkTimes() {
    long heartbeat = values.number(Flags.HEARTBEAT_INTERVAL);
    long election = values.number(Flags.ELECTION_TIMEOUT);
    if (heartbeat <= 0) {
      throw time("--heartbeat-interval must be >0 (set to %dms)", heartbeat);
    }
    if (election <= 0) {
      throw time("--election-timeout must be >0 (set to %dms)", election);
    }
    if (election < HEARTBEATS_PER_ELECTION * heartbeat) {
      throw time(
          "--election-timeout[%dms] should be at least as 5 times as --heartbeat-interval[%dms]",
          election, heartbeat);
    }
    if (election > LONGEST_ELECTION_MILLIS) {
      throw time(
          "--election-timeout[%dms] is too long, and should be set less than %dms",
          election, LONGEST_ELECTION_MILLIS);
    }
  }

  private static InvalidConfigException time(String format, Object... numbers) {
    return new InvalidConfigException(
        String.format(Locale.ROOT, format, numbers),
        "the defaults are 100 and 1000; elections need several heartbeats");
  }

  /** URLs to listen on, which need an address and not a name, as etcd insists. */
  private List<URI> listened(Flag flag) {
    List<URI> urls = MemberUrls.parse(values, flag);
    for (URI url : urls) {
      String host = url.getHost();
      boolean address =
          host == null || host.equals("localhost") || host.matches("[0-9.]+|\\[[0-9a-fA-F:.]+]");
      if (!address && url.getScheme().startsWith("http")) {
        throw new InvalidConfigException(
            "expected IP in URL for binding (" + url + ")",
            "--" + flag.name() + " takes addresses of this machine, or 0.0.0.0 for all");
      }
    }
    return urls;
  }

  private String choice(Flag flag, Set<String> choices) {
    String value = values.text(flag);
    if (!choices.contains(value)) {
      throw new InvalidConfigException(
          "invalid value \"" + value + "\" for flag -" + flag.name() + ": invalid value",
          "use one of " + String.join(", ", choices.stream().sorted().toList()));
    }
    return value;
  }

  private int bcryptCost() {
    long cost = values.number(Flags.BCRYPT_COST);
    return cost < 4 || cost > 31 ? 10 : (int) cost;
  }

  private boolean leaseCheckpointPersist() {
    boolean persist = values.on(Flags.LEASE_CHECKPOINT_PERSIST);
    if (persist && !values.on(Flags.LEASE_CHECKPOINT)) {
      throw new InvalidConfigException(
          "setting experimental-enable-lease-checkpoint-persist requires experimental-enable-lease-checkpoint",
          "set both, or neither");
    }
    return persist;
  }
}
