package io.lodestone.server.config;

import static io.lodestone.server.config.Flag.Kind.DURATION;
import static io.lodestone.server.config.Flag.Kind.LIST;
import static io.lodestone.server.config.Flag.Kind.NUMBER;
import static io.lodestone.server.config.Flag.Kind.SWITCH;
import static io.lodestone.server.config.Flag.Kind.TEXT;
import static io.lodestone.server.config.Flag.Kind.URLS;

import io.lodestone.server.config.Flag.Kind;
import io.lodestone.server.config.Flag.Use;
import io.lodestone.settings.Spelling;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Every flag of etcd 3.5, each defined once: command line, environment, help and docs use these.
 */
final class Flags {
  private static final Map<String, Flag> ALL = new LinkedHashMap<>();

  static final Flag CONFIG_FILE =
      flag("config-file", TEXT, "", "a YAML file with these settings; the others are then ignored");

  static final Flag NAME = flag("name", TEXT, "default", "this member's name");
  static final Flag DATA_DIR =
      flag("data-dir", TEXT, "", "where the data lives; <name>.etcd where not given");
  static final Flag LISTEN_PEER_URLS =
      flag(
          "listen-peer-urls", URLS, "http://localhost:2380", "where other members are listened to");
  static final Flag LISTEN_CLIENT_URLS =
      flag(
          "listen-client-urls",
          URLS,
          "http://localhost:2379",
          "where clients are listened to: gRPC and HTTP on one port");
  static final Flag LISTEN_CLIENT_HTTP_URLS =
      flag(
          "listen-client-http-urls",
          URLS,
          "",
          "where HTTP clients are listened to; the other URLs then speak gRPC only");
  static final Flag LISTEN_METRICS_URLS =
      flag("listen-metrics-urls", URLS, "", "further places for /metrics and /health");
  static final Flag HEARTBEAT_INTERVAL =
      flag("heartbeat-interval", NUMBER, "100", "milliseconds between the leader's heartbeats");
  static final Flag ELECTION_TIMEOUT =
      flag(
          "election-timeout",
          NUMBER,
          "1000",
          "milliseconds without a heartbeat before an election");
  static final Flag SNAPSHOT_COUNT =
      flag("snapshot-count", NUMBER, "100000", "entries applied before the raft log is cut");
  static final Flag QUOTA_BACKEND_BYTES =
      flag(
          "quota-backend-bytes",
          NUMBER,
          "0",
          "size at which writes stop with an alarm; 0 is 2 GiB, negative is none");
  static final Flag MAX_TXN_OPS =
      flag("max-txn-ops", NUMBER, "128", "operations that a transaction may have");
  static final Flag MAX_REQUEST_BYTES =
      flag("max-request-bytes", NUMBER, "1572864", "size that a client's request may have");
  static final Flag MAX_CONCURRENT_STREAMS =
      flag("max-concurrent-streams", NUMBER, "4294967295", "calls that a connection may have open");
  static final Flag ENABLE_GRPC_GATEWAY =
      flag("enable-grpc-gateway", SWITCH, "true", "serve the JSON gateway under /v3/");
  static final Flag KEEPALIVE_MIN_TIME =
      flag(
          "grpc-keepalive-min-time",
          DURATION,
          "5s",
          "clients that ping more often are disconnected");
  static final Flag KEEPALIVE_INTERVAL =
      flag(
          "grpc-keepalive-interval",
          DURATION,
          "2h",
          "how often a quiet connection is pinged; 0 is never");
  static final Flag KEEPALIVE_TIMEOUT =
      flag(
          "grpc-keepalive-timeout",
          DURATION,
          "20s",
          "how long a ping may stay unanswered; 0 is for ever");
  static final Flag WATCH_PROGRESS_NOTIFY_INTERVAL =
      flag(
          "experimental-watch-progress-notify-interval",
          DURATION,
          "10m",
          "how often idle watchers that asked for it hear of progress");

  static final Flag INITIAL_ADVERTISE_PEER_URLS =
      flag(
          "initial-advertise-peer-urls",
          URLS,
          "http://localhost:2380",
          "this member's peer URLs, as others reach them");
  static final Flag INITIAL_CLUSTER =
      flag(
          "initial-cluster",
          TEXT,
          "",
          "all members of a new cluster: name=url,...; this member alone where not given");
  static final Flag INITIAL_CLUSTER_STATE =
      flag("initial-cluster-state", TEXT, "new", "new, or existing for a member that was added");
  static final Flag INITIAL_CLUSTER_TOKEN =
      flag(
          "initial-cluster-token",
          TEXT,
          "etcd-cluster",
          "keeps clusters made from the same URLs apart");
  static final Flag ADVERTISE_CLIENT_URLS =
      flag(
          "advertise-client-urls",
          URLS,
          "http://localhost:2379",
          "this member's client URLs, as clients reach them");
  static final Flag STRICT_RECONFIG_CHECK =
      flag(
          "strict-reconfig-check",
          SWITCH,
          "true",
          "refuse member changes that would lose the quorum");
  static final Flag AUTO_COMPACTION_MODE =
      flag(
          "auto-compaction-mode",
          TEXT,
          "periodic",
          "periodic: keep so much time; revision: keep so many revisions");
  static final Flag AUTO_COMPACTION_RETENTION =
      flag(
          "auto-compaction-retention",
          TEXT,
          "0",
          "what to keep: a duration (a bare number is hours) or revisions; 0 keeps all");
  static final Flag FORCE_NEW_CLUSTER =
      flag(
          "force-new-cluster",
          SWITCH,
          "false",
          "go on alone with this member's data; for disasters");

  static final Flag CERT_FILE =
      flag("cert-file", TEXT, "", "the certificate shown to clients, PEM");
  static final Flag KEY_FILE = flag("key-file", TEXT, "", "its key, PEM");
  static final Flag CLIENT_CERT_AUTH =
      flag(
          "client-cert-auth", SWITCH, "false", "clients must show a certificate of the trusted CA");
  static final Flag CLIENT_CRL_FILE =
      flag("client-crl-file", TEXT, "", "client certificates that are revoked");
  static final Flag CLIENT_CERT_ALLOWED_HOSTNAME =
      flag("client-cert-allowed-hostname", LIST, "", "names that client certificates must have");
  static final Flag TRUSTED_CA_FILE =
      flag("trusted-ca-file", TEXT, "", "the CA of client certificates, PEM");
  static final Flag AUTO_TLS =
      flag("auto-tls", SWITCH, "false", "make a certificate of our own for clients");
  static final Flag PEER_CERT_FILE =
      flag("peer-cert-file", TEXT, "", "the certificate shown to members, PEM");
  static final Flag PEER_KEY_FILE = flag("peer-key-file", TEXT, "", "its key, PEM");
  static final Flag PEER_CLIENT_CERT_AUTH =
      flag(
          "peer-client-cert-auth",
          SWITCH,
          "false",
          "members must show a certificate of the trusted CA");
  static final Flag PEER_CRL_FILE =
      flag("peer-crl-file", TEXT, "", "member certificates that are revoked");
  static final Flag PEER_TRUSTED_CA_FILE =
      flag("peer-trusted-ca-file", TEXT, "", "the CA of members' certificates, PEM");
  static final Flag PEER_CERT_ALLOWED_HOSTNAME =
      flag("peer-cert-allowed-hostname", LIST, "", "names that members' certificates must have");
  static final Flag PEER_CERT_ALLOWED_CN =
      flag("peer-cert-allowed-cn", LIST, "", "common names that members' certificates must have");
  static final Flag PEER_AUTO_TLS =
      flag("peer-auto-tls", SWITCH, "false", "make a certificate of our own for members");
  static final Flag SELF_SIGNED_CERT_VALIDITY =
      flag(
          "self-signed-cert-validity",
          NUMBER,
          "1",
          "years that certificates of our own are good for");
  static final Flag CIPHER_SUITES =
      flag("cipher-suites", LIST, "", "TLS 1.2 suites to allow; the JDK's where not given");
  static final Flag TLS_MIN_VERSION = flag("tls-min-version", TEXT, "TLS1.2", "TLS1.2 or TLS1.3");
  static final Flag TLS_MAX_VERSION = flag("tls-max-version", TEXT, "", "TLS1.2 or TLS1.3");
  static final Flag CORS =
      flag("cors", LIST, "*", "origins that browsers may call the gateway from");
  static final Flag HOST_WHITELIST =
      flag("host-whitelist", LIST, "*", "host names that HTTP requests without TLS may be for");

  static final Flag AUTH_TOKEN =
      flag(
          "auth-token",
          TEXT,
          "simple",
          "simple, or jwt,pub-key=...,priv-key=...,sign-method=...,ttl=...");
  static final Flag BCRYPT_COST =
      flag("bcrypt-cost", NUMBER, "10", "cost of hashing a password, 4 to 31");
  static final Flag AUTH_TOKEN_TTL =
      flag("auth-token-ttl", NUMBER, "300", "seconds that an unused simple token lives");

  static final Flag METRICS =
      flag("metrics", TEXT, "basic", "basic, or extensive for times of every gRPC call");
  static final Flag LOG_LEVEL =
      flag("log-level", TEXT, "info", "debug, info, warn, error, panic or fatal");
  static final Flag LOG_OUTPUTS = flag("log-outputs", LIST, "default", "stdout, stderr, or files");
  static final Flag LOG_FORMAT =
      flag("log-format", TEXT, "console", "console, or json as etcd writes it");
  static final Flag LEASE_CHECKPOINT =
      flag(
          "experimental-enable-lease-checkpoint",
          SWITCH,
          "false",
          "a new leader knows how long leases still live");
  static final Flag LEASE_CHECKPOINT_PERSIST =
      flag(
          "experimental-enable-lease-checkpoint-persist",
          SWITCH,
          "false",
          "so does a restarted one");
  static final Flag COMPACTION_BATCH_LIMIT =
      flag(
          "experimental-compaction-batch-limit",
          NUMBER,
          "1000",
          "revisions that compaction removes at once");
  static final Flag COMPACTION_SLEEP_INTERVAL =
      flag(
          "experimental-compaction-sleep-interval",
          DURATION,
          "10ms",
          "rest between two such batches");
  static final Flag INITIAL_CORRUPT_CHECK =
      flag(
          "experimental-initial-corrupt-check",
          SWITCH,
          "false",
          "compare with the other members before taking part");
  static final Flag CORRUPT_CHECK_TIME =
      flag(
          "experimental-corrupt-check-time",
          DURATION,
          "0s",
          "how often the leader compares all members; 0 for never");
  static final Flag COMPACT_HASH_CHECK_ENABLED =
      flag(
          "experimental-compact-hash-check-enabled",
          SWITCH,
          "false",
          "the leader compares what the members had when they were compacted");
  static final Flag COMPACT_HASH_CHECK_TIME =
      flag("experimental-compact-hash-check-time", DURATION, "1m", "how often it does so");
  static final Flag UNSAFE_NO_FSYNC =
      flag("unsafe-no-fsync", SWITCH, "false", "answer before data is on disk; a crash loses it");

  static {
    pointless("wal-dir", TEXT, "", "the engine keeps its log beside its data");
    pointless("initial-election-tick-advance", SWITCH, "true", "elections are the raft library's");
    pointless("max-snapshots", NUMBER, "5", "there are no raft snapshot files to keep");
    pointless("max-wals", NUMBER, "5", "there are no WAL files of etcd's kind to keep");
    pointless("backend-bbolt-freelist-type", TEXT, "map", "the engine is not bbolt");
    pointless(
        "backend-batch-interval", DURATION, "0s", "every batch is on disk before it is answered");
    pointless("backend-batch-limit", NUMBER, "0", "batches are what is waiting");
    pointless("socket-reuse-port", SWITCH, "false", "listeners do not share ports");
    pointless("socket-reuse-address", SWITCH, "false", "Java sets it as the platform wants");
    pointless("raft-read-timeout", DURATION, "5s", "the peer protocol is the raft library's");
    pointless("raft-write-timeout", DURATION, "5s", "the peer protocol is the raft library's");
    pointless("pre-vote", SWITCH, "true", "always on");
    pointless("enable-v2", SWITCH, "false", "there is no v2 API");
    pointless("v2-deprecation", TEXT, "not-yet", "there is no v2 API");
    pointless("discovery", TEXT, "", "there is no discovery service");
    pointless("discovery-fallback", TEXT, "proxy", "there is no discovery service");
    pointless("discovery-proxy", TEXT, "", "there is no discovery service");
    pointless("discovery-srv", TEXT, "", "there is no discovery by DNS");
    pointless("discovery-srv-name", TEXT, "", "there is no discovery by DNS");
    pointless("client-cert-file", TEXT, "", "the gateway does not dial the server");
    pointless("client-key-file", TEXT, "", "the gateway does not dial the server");
    pointless("peer-client-cert-file", TEXT, "", "members show one certificate");
    pointless("peer-client-key-file", TEXT, "", "members show one certificate");
    pointless("enable-pprof", SWITCH, "false", "use the JDK's own tools");
    pointless("logger", TEXT, "zap", "there is one logger");
    pointless("enable-log-rotation", SWITCH, "false", "use logrotate or the log's collector");
    pointless("log-rotation-config-json", TEXT, "", "use logrotate or the log's collector");
    pointless("proxy", TEXT, "off", "there is no v2 proxy");
    pointless("proxy-failure-wait", NUMBER, "5000", "there is no v2 proxy");
    pointless("proxy-refresh-interval", NUMBER, "30000", "there is no v2 proxy");
    pointless("proxy-dial-timeout", NUMBER, "1000", "there is no v2 proxy");
    pointless("proxy-write-timeout", NUMBER, "5000", "there is no v2 proxy");
    pointless("proxy-read-timeout", NUMBER, "0", "there is no v2 proxy");
    pointless("experimental-enable-distributed-tracing", SWITCH, "false", "no traces are sent");
    pointless("experimental-distributed-tracing-address", TEXT, "", "no traces are sent");
    pointless("experimental-distributed-tracing-service-name", TEXT, "", "no traces are sent");
    pointless("experimental-distributed-tracing-instance-id", TEXT, "", "no traces are sent");
    pointless("experimental-distributed-tracing-sampling-rate", NUMBER, "0", "no traces are sent");
    pointless("experimental-enable-v2v3", TEXT, "", "there is no v2 API");
    pointless(
        "experimental-peer-skip-client-san-verification",
        SWITCH,
        "false",
        "names are always verified");
    pointless("experimental-downgrade-check-time", DURATION, "5s", "nothing is ever downgraded");
    pointless("experimental-memory-mlock", SWITCH, "false", "the engine does not map its files");
    pointless("experimental-warning-apply-duration", DURATION, "100ms", "see the metrics");
    pointless("experimental-warning-unary-request-duration", DURATION, "300ms", "see the metrics");
    pointless(
        "experimental-txn-mode-write-with-shared-buffer",
        SWITCH,
        "true",
        "there is no such buffer");
    pointless(
        "experimental-bootstrap-defrag-threshold-megabytes",
        NUMBER,
        "0",
        "space comes back by itself");
    pointless(
        "experimental-stop-grpc-service-on-defrag",
        SWITCH,
        "false",
        "defragmentation stops nobody");
    pointless("experimental-max-learners", NUMBER, "1", "one learner at a time");
    pointless("max-learners", NUMBER, "1", "one learner at a time");
  }

  private Flags() {}

  private static Flag flag(String name, Kind kind, String fallback, String help) {
    return add(new Flag(name, kind, fallback, help, Use.WORKS));
  }

  private static void pointless(String name, Kind kind, String fallback, String why) {
    add(new Flag(name, kind, fallback, why, Use.POINTLESS));
  }

  private static Flag add(Flag flag) {
    ALL.put(flag.name(), flag);
    return flag;
  }

  static List<Flag> all() {
    return new ArrayList<>(ALL.values());
  }

  static Optional<Flag> named(String name) {
    return Optional.ofNullable(ALL.get(name));
  }

  /** The name that {@code typed} was probably meant to be. */
  static String nearest(String typed) {
    return Spelling.nearest(typed, ALL.keySet()).orElseThrow();
  }
}
