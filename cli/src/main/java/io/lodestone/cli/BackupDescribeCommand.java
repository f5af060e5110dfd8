package io.lodestone.cli;

import io.lodestone.repository.Description.LineageDescription;
import io.lodestone.repository.Description.Range;
import io.lodestone.repository.Lineage;
import io.lodestone.repository.Mark;
import io.lodestone.repository.Proof;
import io.lodestone.repository.Repository;
import io.lodestone.repository.SourceHash;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code backup describe}: what can be restored from one history. */
@Command(
    name = "describe",
    mixinStandardHelpOptions = true,
    description =
        "Says what can be restored, by revision and by time, which revisions are missing, and who writes.",
    footerHeading = "%nExample:%n",
    footer = "  lodestone backup describe --repository file:/backups/prod")
final class BackupDescribeCommand implements Callable<Integer> {
  @Mixin private final RepositoryAddress repository = new RepositoryAddress();
  @Mixin private final LineageOption lineage = new LineageOption();
  @Mixin private final OutputOption output = new OutputOption();

  @Override
  public Integer call() throws IOException {
    try (Repository opened = repository.open()) {
      Lineage chosen = lineage.choose(opened);
      List<Mark> marks = opened.marks(chosen);
      Optional<Proof> proof = opened.lastProof(chosen);
      Optional<SourceHash> hash = opened.newestSourceHash(chosen);
      opened.describe().lineages().stream()
          .filter(described -> described.lineage().equals(chosen))
          .forEach(described -> output.print(report(described, marks, proof, hash)));
      return ExitCodes.DONE;
    }
  }

  private static Report report(
      LineageDescription lineage,
      List<Mark> marks,
      Optional<Proof> proof,
      Optional<SourceHash> hash) {
    List<Range> ranges = lineage.ranges();
    Report report = new Report().fact("lineage", lineage.lineage());
    lineage
        .prefix()
        .ifPresent(
            prefix ->
                report
                    .fact("prefix", prefix.toStringUtf8())
                    .fact("kept", "keys below the prefix; no leases, users or roles"));
    report.fact("firstRevision", ranges.isEmpty() ? 0 : ranges.get(0).firstRevision());
    report.fact(
        "lastRevision", ranges.isEmpty() ? 0 : ranges.get(ranges.size() - 1).lastRevision());
    lineage
        .writer()
        .ifPresent(
            writer -> {
              report.fact("writer", writer.holder()).fact("writerHeartbeat", writer.heartbeat());
              report.fact("writerStopped", writer.released());
            });
    lineage.successor().ifPresent(successor -> report.fact("continuedBy", successor));
    report.fact("objects", lineage.objects()).fact("size", new Report.Size(lineage.storedBytes()));
    hash.ifPresent(
        told ->
            report
                .fact("sourceHashRevision", told.revision())
                .fact("sourceHashKv", told.hashKv())
                .fact("sourceHashAt", told.at()));
    proof.ifPresent(
        known ->
            report
                .fact("lastProvedRevision", known.revision())
                .fact("lastProvedAt", known.provedAt()));
    addLists(report, lineage);
    report.list("marks");
    marks.forEach(
        mark -> report.row("marks", "revision", mark.revision(), "markedAt", mark.markedAt()));
    return report;
  }

  private static void addLists(Report report, LineageDescription lineage) {
    report.list("restorable").list("gaps").list("bases");
    for (Range range : lineage.ranges()) {
      report.row(
          "restorable",
          "firstRevision",
          range.firstRevision(),
          "lastRevision",
          range.lastRevision(),
          "fromTime",
          range.from(),
          "toTime",
          range.to());
    }
    lineage
        .gaps()
        .forEach(
            gap ->
                report.row(
                    "gaps",
                    "firstRevision",
                    gap.firstRevision(),
                    "lastRevision",
                    gap.lastRevision(),
                    "after",
                    gap.after(),
                    "before",
                    gap.before()));
    report.list("expired");
    lineage
        .expired()
        .forEach(
            gone ->
                report.row(
                    "expired",
                    "firstRevision",
                    gone.firstRevision(),
                    "lastRevision",
                    gone.lastRevision(),
                    "after",
                    gone.after(),
                    "before",
                    gone.before()));
    lineage
        .bases()
        .forEach(
            base ->
                report.row(
                    "bases",
                    "revision",
                    base.revision(),
                    "compactRevision",
                    base.compactRevision(),
                    "capturedAt",
                    base.capturedAt(),
                    "reason",
                    base.reason(),
                    "size",
                    new Report.Size(base.storedBytes())));
  }
}
