package io.lodestone.cli;

import com.google.protobuf.ByteString;
import io.lodestone.client.EtcdConnection;
import io.lodestone.repository.Repository;
import io.lodestone.repository.RepositorySource;
import io.lodestone.restore.drill.DrillReport;
import io.lodestone.restore.drill.DrillReport.CapturedHash;
import io.lodestone.restore.drill.DrillReport.SourceAnswer;
import io.lodestone.restore.drill.RepositoryDrill;
import io.lodestone.restore.drill.RepositoryDrill.Outcome;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code restore drill}: a restore for the sake of proof. */
@Command(
    name = "drill",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Restores a point into a scratch store and a scratch etcd member directory, and compares the two by HashKV",
      "and key by key, and with the HashKV that the source told when that point was captured; by default the newest",
      "point of which it did. With --compare-source the newest of all, and the living source is asked as well.",
      "Keeps the proof in the repository. Exit code 3 where anything differs."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  lodestone restore drill --repository s3://backups/prod",
      "  lodestone restore drill --repository s3://backups/prod --compare-source --endpoints 10.0.0.1:2379"
    })
final class RestoreDrillCommand implements Callable<Integer> {
  @Mixin private final RepositoryPoint point = new RepositoryPoint();

  @Option(
      names = "--work-dir",
      paramLabel = "DIR",
      description =
          "where both copies are made, and deleted afterwards; default: the system's temporary directory")
  private Optional<Path> workDirectory = Optional.empty();

  @Option(
      names = "--compare-source",
      description = "ask the cluster at --endpoints for its HashKV at that revision")
  private boolean compareSource;

  @Mixin private final ClusterOptions cluster = new ClusterOptions();
  @Mixin private final OutputOption output = new OutputOption();

  @Override
  public Integer call() throws IOException, InterruptedException {
    Path parent = workDirectory.orElse(Path.of(System.getProperty("java.io.tmpdir")));
    Optional<EtcdConnection> living =
        compareSource
            ? Optional.of(EtcdConnection.open(cluster.toClientOptions()))
            : Optional.empty();
    try (Repository repository = point.openRepository();
        Progress progress = Progress.of("restored", " rows", 1)) {
      RepositorySource source = point.source(repository);
      RepositoryDrill drill = new RepositoryDrill(repository, parent, living, progress::at);
      Outcome outcome =
          point.isChosen() || compareSource ? drill.run(source) : drill.run(source.lineage());
      output.print(describe(source, outcome.report(), outcome.bytes()));
      return outcome.report().proved() ? ExitCodes.DONE : ExitCodes.DAMAGE;
    } finally {
      living.ifPresent(EtcdConnection::close);
    }
  }

  private static Report describe(RepositorySource source, DrillReport drill, long bytes) {
    Report report =
        new Report()
            .fact("proved", drill.proved())
            .fact("lineage", source.lineage())
            .fact("revision", drill.transfer().revision())
            .fact("stateOf", drill.transfer().completeAt())
            .fact("compactRevision", drill.transfer().compactRevision())
            .fact("hashKv", Integer.toUnsignedLong(drill.hash().hash()))
            .fact("memberHashKv", Integer.toUnsignedLong(drill.memberHash().hash()))
            .fact("sideStateEqual", drill.sideStateEqual())
            .fact("captured", drill.captured().map(RestoreDrillCommand::spoken).orElse("not told"))
            .fact("source", drill.source().map(RestoreDrillCommand::spoken).orElse("not asked"))
            .fact("rows", drill.transfer().records())
            .fact("bytes", new Report.Size(bytes))
            .fact("seconds", drill.transfer().elapsed().toMillis() / 1000.0)
            .list("differingKeys");
    for (ByteString key : drill.differing()) {
      report.row("differingKeys", "key", key.toStringUtf8());
    }
    return report;
  }

  private static String spoken(CapturedHash captured) {
    return captured.agrees() ? "agrees" : "differs: " + captured.said().against(captured.ours());
  }

  private static String spoken(SourceAnswer answer) {
    if (answer.said().isEmpty()) {
      return "has compacted past this revision";
    }
    return answer.agrees() ? "agrees" : "differs: " + answer.said().orElseThrow();
  }
}
