package io.lodestone.cli;

import com.google.protobuf.ByteString;
import io.lodestone.client.EtcdConnection;
import io.lodestone.etcdfile.db.DurableFiles;
import io.lodestone.repository.Proof;
import io.lodestone.repository.Repository;
import io.lodestone.repository.RepositorySource;
import io.lodestone.restore.PrefetchedStream;
import io.lodestone.restore.drill.Drill;
import io.lodestone.restore.drill.DrillReport;
import io.lodestone.restore.drill.DrillReport.SourceAnswer;
import io.lodestone.revisions.RevisionStream;
import io.lodestone.revisions.StreamItem.Reason;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
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
      "Restores the newest point, or another one, into a scratch store and a scratch etcd member directory, and",
      "compares the two by HashKV and key by key; with --compare-source also with the living source's HashKV",
      "at that revision. Keeps the proof in the repository. Exit code 3 where anything differs."
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
    Path work = Files.createTempDirectory(Files.createDirectories(parent), "drill-");
    try (Repository repository = point.openRepository()) {
      RepositorySource source = point.source(repository);
      long bytes = source.plan().bytes();
      DrillReport report = drill(source, work);
      if (report.proved()) {
        repository.prove(source.lineage(), proof(report, bytes));
      }
      output.print(describe(source, report, bytes));
      return report.proved() ? ExitCodes.DONE : ExitCodes.DAMAGE;
    } finally {
      DurableFiles.deleteTree(work);
    }
  }

  private DrillReport drill(RepositorySource source, Path work)
      throws IOException, InterruptedException {
    Optional<EtcdConnection> living =
        compareSource
            ? Optional.of(EtcdConnection.open(cluster.toClientOptions()))
            : Optional.empty();
    try (RevisionStream stream = PrefetchedStream.of(source.openAtBase(Reason.INITIAL));
        Progress progress = Progress.of("restored", " rows", 1)) {
      return new Drill(work, living, progress::at).run(stream);
    } finally {
      living.ifPresent(EtcdConnection::close);
    }
  }

  private static Proof proof(DrillReport report, long bytes) throws IOException {
    return new Proof(
        report.hash().revision(),
        report.hash().compactRevision(),
        Integer.toUnsignedLong(report.hash().hash()),
        Clock.systemUTC().instant(),
        InetAddress.getLocalHost().getHostName(),
        report.source().filter(SourceAnswer::agrees).isPresent(),
        bytes,
        report.transfer().elapsed().toMillis() / 1000.0);
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

  private static String spoken(SourceAnswer answer) {
    if (answer.said().isEmpty()) {
      return "has compacted past this revision";
    }
    return answer.agrees() ? "agrees" : "differs: " + answer.said().orElseThrow();
  }
}
