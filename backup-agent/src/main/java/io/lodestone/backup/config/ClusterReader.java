package io.lodestone.backup.config;

import com.google.protobuf.ByteString;
import io.lodestone.api.LodestoneException;
import io.lodestone.backup.SealPolicy;
import io.lodestone.client.ClientOptions;
import io.lodestone.client.Credentials;
import io.lodestone.client.Endpoint;
import io.lodestone.client.TlsOptions;
import io.lodestone.repository.RetentionPolicy;
import io.lodestone.repository.WriterSettings;
import io.lodestone.repository.format.ContentCipher;
import io.lodestone.repository.objects.ObjectStores;
import io.lodestone.settings.SettingsGroup;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneId;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** Reads the settings of one cluster. */
final class ClusterReader {
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,62}");
  private static final ZoneId UTC = ZoneId.of("UTC");
  private static final String NEVER = "never";
  private static final Duration CALL_TIMEOUT = Duration.ofSeconds(5);

  private final Secrets secrets;

  ClusterReader(Secrets secrets) {
    this.secrets = secrets;
  }

  /** Empty where something that it needs is missing, which then is among the mistakes. */
  Optional<ClusterPlan> read(String name, SettingsGroup group) {
    if (!NAME.matcher(name).matches()) {
      group.mistake(
          "'" + name + "' cannot be the name of a cluster",
          "use up to 63 letters, digits, dots, underscores and dashes");
    }
    Optional<ClientOptions> source = source(group.group("source"));
    Optional<ByteString> prefix = group.value("prefix", ClusterReader::prefix);
    Optional<RepositoryPlace> repository = repository(group);
    Optional<RepositoryPlace> copyTo = copyTo(group);
    WriterSettings writer = writer(group);
    SealPolicy seal = seal(group);
    Optional<Double> uploadRate = group.value("upload-rate", text -> (double) Values.size(text));
    Map<Task, Schedule> schedules = schedules(group);
    Optional<RetentionPolicy> keep = group.value("keep", RetentionPolicy::parse);
    checkRetention(group, schedules);
    checkCopy(group, schedules);
    checkPrefix(group, schedules);
    group.checkNames();
    return source.isEmpty() || repository.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new ClusterPlan(
                name,
                source.get(),
                prefix,
                repository.get(),
                seal,
                writer,
                uploadRate,
                copyTo,
                schedules,
                keep));
  }

  private Optional<ClientOptions> source(SettingsGroup group) {
    if (!group.has("endpoints")) {
      group.mistake("endpoints", "no endpoints are given", "write endpoints: [https://host:2379]");
    }
    List<Endpoint> endpoints = group.values("endpoints", Endpoint::parse);
    Optional<TlsOptions> tls = tls(group);
    Optional<Credentials> login = login(group);
    Duration timeout = group.value("command-timeout", Values::duration).orElse(CALL_TIMEOUT);
    group.checkNames();
    return endpoints.isEmpty() || tls.isEmpty()
        ? Optional.empty()
        : Optional.of(new ClientOptions(endpoints, tls.get(), login, timeout, timeout));
  }

  private static Optional<TlsOptions> tls(SettingsGroup group) {
    Optional<Path> ca = group.value("cacert", Values::path);
    Optional<Path> certificate = group.value("cert", Values::path);
    Optional<Path> key = group.value("key", Values::path);
    Optional<String> serverName = group.text("tls-server-name");
    boolean trusting = group.value("insecure-skip-tls-verify", Values::flag).orElse(false);
    try {
      return Optional.of(new TlsOptions(ca, certificate, key, serverName, trusting));
    } catch (LodestoneException e) {
      group.mistake(certificate.isPresent() ? "cert" : "key", e.getMessage(), e.hint());
      return Optional.empty();
    }
  }

  private Optional<Credentials> login(SettingsGroup group) {
    Optional<String> user = group.text("user");
    Optional<String> password = secrets.find(group, "password");
    if (user.isPresent() && !group.has("password-file") && !group.has("password-env")) {
      group.mistake(
          "user",
          "user " + user.get() + " has no password",
          "write password-file or password-env beside it");
    }
    if (user.isEmpty() && password.isPresent()) {
      group.mistake("user", "there is a password, but no user", "write user: NAME");
    }
    return user.flatMap(name -> password.map(word -> new Credentials(name, word)));
  }

  /** An address alone, or a group with one and the keys to it. */
  private Optional<RepositoryPlace> repository(SettingsGroup cluster) {
    if (cluster.isText("repository")) {
      return place(cluster, "repository");
    }
    if (!cluster.has("repository")) {
      cluster.mistake(
          "repository", "no repository is given", "write repository: s3://bucket/prefix");
      return Optional.empty();
    }
    SettingsGroup group = cluster.group("repository");
    ContentCipher cipher =
        secrets.keyset(group, "keyset").map(ContentCipher.class::cast).orElse(ContentCipher.NONE);
    return place(group, cipher);
  }

  /** The same without keys: contents are copied as they are. */
  private Optional<RepositoryPlace> copyTo(SettingsGroup cluster) {
    if (!cluster.has("copy-to")) {
      return Optional.empty();
    }
    return cluster.isText("copy-to")
        ? place(cluster, "copy-to")
        : place(cluster.group("copy-to"), ContentCipher.NONE);
  }

  private static Optional<RepositoryPlace> place(SettingsGroup cluster, String name) {
    return cluster
        .value(name, ClusterReader::address)
        .map(address -> new RepositoryPlace(address, Optional.empty(), ContentCipher.NONE));
  }

  private Optional<RepositoryPlace> place(SettingsGroup group, ContentCipher cipher) {
    Optional<String> address =
        group.required("address", "write address: s3://bucket/prefix", ClusterReader::address);
    Optional<String> access = secrets.find(group, "access-key");
    Optional<String> secret = secrets.find(group, "secret-key");
    if (access.isPresent() != secret.isPresent()) {
      group.mistake(
          "address",
          "an access key and a secret key only work together",
          "refer to both, or to neither and let them be found in the environment");
    }
    group.checkNames();
    return address.map(
        at ->
            new RepositoryPlace(
                at,
                access.flatMap(
                    key ->
                        secret.map(
                            word -> new io.lodestone.repository.objects.Credentials(key, word))),
                cipher));
  }

  private static String address(String text) {
    ObjectStores.check(text);
    return text;
  }

  /** When what was captured becomes durable, as {@code group} says. */
  private static SealPolicy seal(SettingsGroup group) {
    SealPolicy policy = SealPolicy.DEFAULT;
    policy = group.value("seal-interval", Values::duration).map(policy::every).orElse(policy);
    policy = group.value("seal-size", Values::size).map(policy::atMost).orElse(policy);
    policy =
        group
            .value("hash-interval", ClusterReader::hashInterval)
            .map(policy::hashedEvery)
            .orElse(policy);
    Optional<Duration> idle = group.value("idle-interval", Values::duration);
    if (idle.isPresent() && idle.get().compareTo(policy.interval()) < 0) {
      group.mistake(
          "idle-interval",
          "idle-interval is shorter than seal-interval, which is "
              + policy.interval().toMillis()
              + " ms",
          "make it at least as long");
      return policy;
    }
    return idle.map(policy::idle).orElse(policy);
  }

  private static Optional<Duration> hashInterval(String text) {
    return text.equals(NEVER) ? Optional.empty() : Optional.of(Values.duration(text));
  }

  private static Map<Task, Schedule> schedules(SettingsGroup cluster) {
    ZoneId zone = cluster.value("time-zone", Values::zone).orElse(UTC);
    SettingsGroup group = cluster.group("schedules");
    Map<Task, Schedule> schedules = new EnumMap<>(Task.class);
    for (Task task : Task.values()) {
      if (group.has(task.label())) {
        schedule(group, task.label(), zone).ifPresent(found -> schedules.put(task, found));
      }
    }
    group.checkNames();
    return schedules;
  }

  /**
   * A cron expression alone, or a group with one and what else there is to say; empty for "never",
   * which stands against the defaults.
   */
  private static Optional<Schedule> schedule(SettingsGroup schedules, String name, ZoneId zone) {
    if (schedules.isText(name)) {
      return schedules
          .text(name)
          .filter(text -> !text.equals(NEVER))
          .flatMap(text -> schedules.value(name, Values::cron))
          .map(cron -> new Schedule(cron, zone, Schedule.Missed.RUN));
    }
    SettingsGroup group = schedules.group(name);
    Optional<String> cron = group.required("cron", "write cron: '0 30 3 * * ?'", Values::cron);
    ZoneId own = group.value("time-zone", Values::zone).orElse(zone);
    Schedule.Missed missed = group.value("missed", Values::missed).orElse(Schedule.Missed.RUN);
    group.checkNames();
    return cron.map(expression -> new Schedule(expression, own, missed));
  }

  private static WriterSettings writer(SettingsGroup group) {
    WriterSettings settings = WriterSettings.DEFAULT;
    Optional<Integer> level =
        group.value("compression-level", text -> Values.number(text, 1, WriterSettings.MAX_LEVEL));
    Optional<Integer> uploads =
        group.value("parallel-uploads", text -> Values.number(text, 1, WriterSettings.MAX_UPLOADS));
    settings = level.map(settings::withCompressionLevel).orElse(settings);
    return uploads.map(settings::withUploads).orElse(settings);
  }

  private static ByteString prefix(String text) {
    if (text.isEmpty()) {
      throw new LodestoneException(
          "an empty prefix means all keys", "leave it out to back up the whole cluster");
    }
    return ByteString.copyFromUtf8(text);
  }

  private static void checkPrefix(SettingsGroup group, Map<Task, Schedule> schedules) {
    for (Task task : List.of(Task.DRILL, Task.DEFRAGMENT)) {
      if (group.has("prefix") && schedules.containsKey(task)) {
        group.mistake(
            "prefix",
            task.label() + " is scheduled, which is for whole clusters only",
            "write schedules: {" + task.label() + ": never}");
      }
    }
  }

  private static void checkCopy(SettingsGroup group, Map<Task, Schedule> schedules) {
    if (schedules.containsKey(Task.COPY) && !group.has("copy-to")) {
      group.mistake(
          "schedules",
          "copy is scheduled, but nothing says whereto",
          "write copy-to: s3://other-bucket/prefix");
    }
    if (group.has("copy-to") && !schedules.containsKey(Task.COPY)) {
      group.mistake(
          "copy-to", "nothing is copied without a schedule for it", "add schedules: copy");
    }
  }

  private static void checkRetention(SettingsGroup group, Map<Task, Schedule> schedules) {
    if (schedules.containsKey(Task.EXPIRE) && !group.has("keep")) {
      group.mistake(
          "schedules",
          "expire is scheduled, but nothing says what to keep",
          "write keep: any point for 48 h, daily for 30 d");
    }
    if (group.has("keep") && !schedules.containsKey(Task.EXPIRE)) {
      group.mistake("keep", "nothing expires without a schedule for it", "add schedules: expire");
    }
  }
}
