package io.lodestone.migrate;

import io.lodestone.api.LodestoneException;
import io.lodestone.api.etcdserverpb.StatusResponse;
import io.lodestone.client.Endpoint;
import io.lodestone.client.EtcdConnection;
import io.lodestone.client.UnavailableException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Looks at everything that can be known beforehand, and changes nothing. */
final class Preflight {
  /** What one transaction after the other reaches on usual disks. */
  private static final double FAST_SOURCE = 800;

  private final EtcdConnection source;
  private final EtcdConnection destination;
  private final MigrationOptions options;
  private final Optional<String> forging;
  private final List<Check> checks = new ArrayList<>();

  /**
   * @param forging the cluster that this migration has begun to write to
   */
  Preflight(
      EtcdConnection source,
      EtcdConnection destination,
      MigrationOptions options,
      Optional<String> forging) {
    this.source = source;
    this.destination = destination;
    this.options = options;
    this.forging = forging;
  }

  /** Fails where the source cannot be asked at all. */
  List<Check> run() throws IOException, InterruptedException {
    long bytes = members();
    alarms();
    access();
    rate();
    room(options.directory(), 2 * bytes);
    if (options.lateSeed()) {
      lateSeed();
    }
    if (options.seed().isPresent()) {
      target(options.seed().get(), bytes);
    } else {
      checks.addAll(new RunningDestination(Optional.of(source), destination, forging).checks());
    }
    return List.copyOf(checks);
  }

  /** Fails with the first problem of {@code checks}. */
  static void requireNoProblem(List<Check> checks) {
    for (Check check : checks) {
      if (check.verdict() == Check.Verdict.PROBLEM) {
        throw new LodestoneException(check.name() + ": " + check.detail(), check.hint());
      }
    }
  }

  /** Returns the size of the source's database, in bytes. */
  private long members() {
    long bytes = 0;
    for (Endpoint endpoint : source.endpoints()) {
      StatusResponse status = source.status(endpoint);
      bytes = Math.max(bytes, status.getDbSize());
      String what = endpoint + " is etcd " + status.getVersion();
      checks.add(
          EtcdVersion.of(status).isTooOld()
              ? Check.problem("source", what, "upgrade it to 3.4 or later before it is moved")
              : Check.fine("source", what + ", " + (status.getDbSize() >> 20) + " MiB"));
    }
    int members = source.memberList().size();
    if (members != source.endpoints().size()) {
      checks.add(
          Check.warning(
              "source",
              members + " members, but " + source.endpoints().size() + " endpoints",
              "name every member, so that each is compared"));
    }
    return bytes;
  }

  private void alarms() {
    AlarmFence.alarms(source)
        .forEach(
            alarm ->
                checks.add(
                    switch (alarm.getAlarm()) {
                      case CORRUPT ->
                          Check.problem(
                              "alarm",
                              "the source has a CORRUPT alarm and refuses writes",
                              "find out whether it is damaged, or was fenced by another migration;"
                                  + " then: etcdctl alarm disarm");
                      case NOSPACE, NONE, UNRECOGNIZED ->
                          Check.warning(
                              "alarm",
                              "the source has a " + alarm.getAlarm() + " alarm",
                              "start the destination with a larger --quota-backend-bytes");
                    }));
  }

  /** Snapshots and hashes need the root role, as does the count of changes of users. */
  private void access() {
    source.authRevision();
    checks.add(
        Check.fine(
            "source",
            "cluster "
                + Long.toHexString(source.clusterId())
                + " at revision "
                + source.revision()
                + " with "
                + source.leases().size()
                + " leases"));
  }

  private void rate() throws InterruptedException {
    long before = source.revision();
    long beganAt = System.nanoTime();
    TimeUnit.SECONDS.sleep(1);
    double seconds = (System.nanoTime() - beganAt) / 1e9;
    double rate = (source.revision() - before) / seconds;
    String what = "the source makes " + Math.round(rate) + " revisions a second";
    checks.add(
        rate > FAST_SOURCE && !options.lateSeed()
            ? Check.warning(
                "rate",
                what,
                "a destination repeats some 1000 a second, one after the other: migrate at a"
                    + " quieter time, on faster disks, or with --late-seed")
            : Check.fine("rate", what));
  }

  private void lateSeed() {
    String what = "the destination is written and started while writers wait";
    checks.add(
        options.hooks().start().isPresent()
            ? Check.fine("seed", what)
            : Check.warning(
                "seed", what + ", and has to be started by hand", "name a --start-command"));
  }

  private void target(Seed seed, long bytes) throws IOException {
    for (Path target : seed.targets()) {
      if (Files.exists(target)) {
        checks.add(
            Check.problem(
                "destination", target + " exists already", "name a directory that does not exist"));
      }
      room(target, bytes);
    }
    if (seed.clusterId().isPresent() && seed.clusterId().getAsLong() == source.clusterId()) {
      checks.add(
          Check.problem(
              "destination",
              "its peer URLs and token make it the same cluster as the source",
              "give the destination another --to-initial-cluster-token"));
    }
    if (seed.members() != destination.endpoints().size()) {
      checks.add(
          Check.warning(
              "destination",
              seed.members() + " members, but " + destination.endpoints().size() + " endpoints",
              "name every member, so that each is compared"));
    }
    destination.endpoints().forEach(this::silent);
  }

  private void silent(Endpoint endpoint) {
    try {
      long cluster = destination.status(endpoint).getHeader().getClusterId();
      checks.add(
          cluster == source.clusterId()
              ? Check.problem(
                  "destination",
                  endpoint + " belongs to the source itself",
                  "name the endpoints that the new cluster will have")
              : Check.problem(
                  "destination",
                  endpoint + " is running already, as cluster " + Long.toHexString(cluster),
                  "stop it and move its data away: the destination is started on the data that"
                      + " the migration writes"));
    } catch (UnavailableException e) {
      checks.add(Check.fine("destination", endpoint + " is not running yet"));
    }
  }

  /** Against what is free now, each for itself: some may share a disk. */
  private void room(Path path, long bytes) throws IOException {
    Path existing = path.toAbsolutePath();
    while (existing != null && !Files.exists(existing)) {
      existing = existing.getParent();
    }
    if (existing == null) {
      return;
    }
    long free = Files.getFileStore(existing).getUsableSpace();
    String what = path + ": " + (free >> 20) + " MiB free, " + (bytes >> 20) + " MiB needed";
    checks.add(
        free < bytes
            ? Check.problem("room", what, "make room, or choose another disk")
            : Check.fine("room", what));
  }
}
