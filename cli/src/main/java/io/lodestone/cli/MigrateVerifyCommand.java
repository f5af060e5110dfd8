package io.lodestone.cli;

import com.google.protobuf.ByteString;
import io.lodestone.api.LodestoneException;
import io.lodestone.client.EtcdConnection;
import io.lodestone.etcdfile.db.DurableFiles;
import io.lodestone.inspect.KubernetesObject;
import io.lodestone.migrate.compare.ClusterComparison;
import io.lodestone.migrate.compare.Finding;
import io.lodestone.migrate.compare.MemberHash;
import io.lodestone.migrate.compare.ObjectComparison;
import io.lodestone.migrate.compare.ObjectComparison.Line;
import io.lodestone.migrate.compare.ValueComparison;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code migrate verify}: a proof that two clusters hold the same. */
@Command(
    name = "verify",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Compares any two clusters at one revision, while both live: HashKV on every member of both sides, leases,",
      "users and roles. Where hashes differ, a digest over a snapshot of each names the keys. Exit code 3 where",
      "they differ."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  lodestone migrate verify --endpoints 10.0.0.1:2379 --to-endpoints 10.0.1.1:2379",
      "  lodestone migrate verify --endpoints 10.0.0.1:2379 --to-endpoints 10.0.1.1:2379 \\",
      "      --sample 10000 --kubernetes"
    })
final class MigrateVerifyCommand implements Callable<Integer> {
  @Mixin private final ClusterOptions source = new ClusterOptions();
  @Mixin private final DestinationOptions destination = new DestinationOptions();
  @Mixin private final OutputOption output = new OutputOption();

  @Option(
      names = "--revision",
      paramLabel = "R",
      description = "compare at this revision; default: the newest that both have")
  private Optional<Long> revision = Optional.empty();

  @ArgGroup private Values values = new Values();

  @Option(
      names = "--kubernetes",
      description =
          "also count Kubernetes' objects by type and namespace, with the newest resourceVersion of each")
  private boolean kubernetes;

  /** Whose values are compared. */
  static final class Values {
    @Option(
        names = "--values",
        description = "also read all keys from both sides, and compare them byte for byte")
    private boolean all;

    @Option(
        names = "--sample",
        paramLabel = "N",
        description = "the same for about N keys, chosen at random")
    private Optional<Long> sample = Optional.empty();

    Optional<ValueComparison.Result> compare(ValueComparison comparison, long revision)
        throws InterruptedException {
      if (all) {
        return Optional.of(comparison.all(revision));
      }
      if (sample.isEmpty()) {
        return Optional.empty();
      }
      if (sample.get() < 1) {
        throw new LodestoneException(
            "a sample of " + sample.get() + " keys shows nothing", "name at least one");
      }
      return Optional.of(comparison.sample(revision, sample.get(), new SecureRandom()));
    }
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Path work = Files.createTempDirectory("lodestone-verify");
    try (EtcdConnection theirs = EtcdConnection.open(source.toClientOptions());
        EtcdConnection ours = EtcdConnection.open(destination.toClientOptions(source))) {
      long at = revision.orElseGet(() -> Math.min(theirs.revision(), ours.revision()));
      Finding finding = new ClusterComparison(theirs, ours, work).everythingAt(at);
      Optional<ValueComparison.Result> read = values.compare(new ValueComparison(theirs, ours), at);
      List<Line> objects =
          kubernetes
              ? new ObjectComparison(theirs, ours, KubernetesObject::typeAndNamespace).at(at)
              : List.of();
      boolean equal =
          finding.equal()
              && read.stream().allMatch(result -> result.differing().isEmpty())
              && objects.stream().allMatch(Line::equal);
      Report report = report(finding, equal);
      read.ifPresent(result -> add(result, report));
      if (kubernetes) {
        add(objects, report);
      }
      output.print(report);
      return equal ? ExitCodes.DONE : ExitCodes.DAMAGE;
    } finally {
      DurableFiles.deleteTree(work);
    }
  }

  private static Report report(Finding finding, boolean equal) {
    Report report =
        new Report()
            .fact("equal", equal)
            .fact("proof", finding.proof())
            .fact("revision", finding.revision())
            .fact("compactRevision", finding.compactRevision())
            .list("members")
            .list("differingKeys")
            .list("differencesBeside");
    for (MemberHash member : finding.hashes()) {
      report.row(
          "members",
          "side",
          member.side(),
          "member",
          member.member(),
          "hash",
          member.hash(),
          "compactRevision",
          member.compactRevision());
    }
    for (ByteString key : finding.keys()) {
      report.row("differingKeys", "key", key.toStringUtf8());
    }
    finding.besides().forEach(what -> report.row("differencesBeside", "what", what));
    return report;
  }

  private static void add(ValueComparison.Result values, Report report) {
    report.fact("valuesCompared", values.compared()).list("differingValues");
    values.differing().forEach(key -> report.row("differingValues", "key", key.toStringUtf8()));
  }

  private static void add(List<Line> objects, Report report) {
    report.list("objects");
    for (Line line : objects) {
      report.row(
          "objects",
          "objects",
          line.typeAndNamespace(),
          "equal",
          line.equal(),
          "source",
          line.source().count(),
          "destination",
          line.destination().count(),
          "newestAtSource",
          line.source().newest(),
          "newestAtDestination",
          line.destination().newest());
    }
  }
}
