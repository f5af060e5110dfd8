package io.lodestone.migrate.metrics;

import io.lodestone.migrate.MigrationDirectory;
import io.lodestone.migrate.MigrationReport;
import io.lodestone.migrate.MigrationReport.PhaseTime;
import io.lodestone.migrate.MigrationStatus;
import io.lodestone.migrate.journal.JournalEntry;
import io.lodestone.migrate.journal.JournalEntry.Event;
import io.lodestone.migrate.journal.Phase;
import io.lodestone.migrate.journal.Standing;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What a migration's directory tells, as metrics that begin with {@code lodestone_migrate_}. They
 * are of the whole migration, with all its runs. Immutable.
 */
final class MigrationMetrics implements MultiCollector {
  private static final String PREFIX = "lodestone_migrate_";
  private static final double MILLIS = 1e3;

  private final MigrationDirectory directory;
  private final Clock clock;

  MigrationMetrics(MigrationDirectory directory, Clock clock) {
    this.directory = directory;
    this.clock = clock;
  }

  @Override
  public MetricSnapshots collect() {
    MetricSnapshots.Builder told = MetricSnapshots.builder();
    try {
      List<JournalEntry> entries = directory.entriesIfBegun();
      Standing standing = Standing.of(entries);
      addStanding(told, entries, standing);
      if (directory.status().isPresent()) {
        addStatus(told, directory.status().get(), standing);
      }
      gauge(
          told,
          "spool_bytes",
          "What has come from the source and waits on disk, a snapshot that is taken included.",
          directory.spoolBytes());
      gauge(
          told,
          "heap_bytes",
          "The process's heap in use, with what is not collected yet.",
          ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return told.build();
  }

  private void addStanding(
      MetricSnapshots.Builder told, List<JournalEntry> entries, Standing standing) {
    MigrationReport report = MigrationReport.of(entries);
    GaugeSnapshot.Builder now =
        GaugeSnapshot.builder()
            .name(PREFIX + "phase")
            .help("1 for the phase that the migration is in, 0 for the others.");
    for (Phase phase : Phase.values()) {
      boolean is = standing.phase().filter(entered -> entered == phase).isPresent();
      now.dataPoint(labelled(phase, is ? 1 : 0));
    }
    told.metricSnapshot(now.build());
    GaugeSnapshot.Builder seconds =
        GaugeSnapshot.builder()
            .name(PREFIX + "phase_seconds")
            .help("How long the migration has been in a phase, in all its runs.");
    phaseSeconds(entries, report).forEach((phase, sum) -> seconds.dataPoint(labelled(phase, sum)));
    told.metricSnapshot(seconds.build());
    gauge(
        told, "source_fenced", "1 where the source is kept from writes.", flag(standing.fenced()));
    gauge(
        told,
        "proved",
        "1 once both sides were compared behind the fence and are equal.",
        flag(report.proof().isPresent()));
    gauge(
        told,
        "writers_waited_seconds",
        "From just before the fence until the destination is open, or until now.",
        writersWaited(entries, standing, report));
    counter(
        told,
        "failures",
        "Runs that ended with a failure.",
        entries.stream().filter(entry -> entry.event() == Event.FAILED).count());
  }

  /** The open phase goes on until now. */
  private Map<Phase, Double> phaseSeconds(List<JournalEntry> entries, MigrationReport report) {
    Map<Phase, Double> seconds = new EnumMap<>(Phase.class);
    for (PhaseTime time : report.phases()) {
      seconds.merge(time.phase(), time.millis() / MILLIS, Double::sum);
    }
    boolean open = report.standing().outcome().isEmpty() && report.lastFailure().isEmpty();
    if (open && report.standing().phase().isPresent()) {
      Instant last = entries.get(entries.size() - 1).at();
      seconds.merge(report.standing().phase().get(), secondsSince(last), Double::sum);
    }
    return seconds;
  }

  private double writersWaited(
      List<JournalEntry> entries, Standing standing, MigrationReport report) {
    if (report.writersWaitedMillis().isPresent()) {
      return report.writersWaitedMillis().getAsLong() / MILLIS;
    }
    return entries.stream()
        .filter(entry -> standing.fenced() && entry.event() == Event.FENCING)
        .reduce((first, second) -> second)
        .map(entry -> secondsSince(entry.at()))
        .orElse(0.0);
  }

  private double secondsSince(Instant then) {
    return Math.max(0, Duration.between(then, clock.instant()).toMillis()) / MILLIS;
  }

  /** Behind the cutover nothing is repeated, and nothing of this is true any more. */
  private static void addStatus(
      MetricSnapshots.Builder told, MigrationStatus status, Standing standing) {
    if (standing.opened()) {
      return;
    }
    gauge(told, "source_revision", "The source's revision.", status.sourceRevision());
    gauge(told, "destination_revision", "The last one repeated.", status.destinationRevision());
    gauge(told, "lag_revisions", "Revisions still to be repeated.", status.lagRevisions());
    gauge(
        told,
        "written_per_second",
        "Revisions of the source, over the last seconds.",
        status.writtenPerSecond());
    gauge(
        told,
        "replayed_per_second",
        "Revisions repeated, over the last seconds.",
        status.replayedPerSecond());
    gauge(
        told,
        "falling_behind",
        "1 where the source writes faster than is repeated.",
        flag(status.fallingBehind()));
    gauge(told, "leases", "Leases that are kept alive at the destination.", status.leases());
    gauge(
        told,
        "measured_timestamp_seconds",
        "When revisions and rates were measured, twice a second.",
        status.at().toEpochMilli() / MILLIS);
    standing
        .seeded()
        .ifPresent(
            seeded ->
                counter(
                    told,
                    "replayed_revisions",
                    "Revisions repeated behind the seed.",
                    Math.max(0, status.destinationRevision() - seeded)));
  }

  private static double flag(boolean is) {
    return is ? 1 : 0;
  }

  private static GaugeDataPointSnapshot labelled(Phase phase, double value) {
    return GaugeDataPointSnapshot.builder()
        .labels(Labels.of("phase", phase.name().toLowerCase(Locale.ROOT)))
        .value(value)
        .build();
  }

  private static void gauge(MetricSnapshots.Builder told, String name, String help, long value) {
    gauge(told, name, help, (double) value);
  }

  private static void gauge(MetricSnapshots.Builder told, String name, String help, double value) {
    told.metricSnapshot(
        GaugeSnapshot.builder()
            .name(PREFIX + name)
            .help(help)
            .dataPoint(GaugeDataPointSnapshot.builder().value(value).build())
            .build());
  }

  private static void counter(MetricSnapshots.Builder told, String name, String help, long value) {
    told.metricSnapshot(
        CounterSnapshot.builder()
            .name(PREFIX + name)
            .help(help)
            .dataPoint(CounterDataPointSnapshot.builder().value((double) value).build())
            .build());
  }
}
