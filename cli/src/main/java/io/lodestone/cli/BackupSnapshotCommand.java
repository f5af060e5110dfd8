package io.lodestone.cli;

import io.lodestone.backup.Goal;
import io.lodestone.backup.SealPolicy;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code backup snapshot}: one base, and done. */
@Command(
    name = "snapshot",
    mixinStandardHelpOptions = true,
    description = "Takes one base of a cluster into a repository and ends.",
    footerHeading = "%nExample:%n",
    footer =
        "  lodestone backup snapshot --endpoints 10.0.0.1:2379 --repository file:/backups/prod")
final class BackupSnapshotCommand implements Callable<Integer> {
  @Mixin private final CapturePlan plan = new CapturePlan();

  @Override
  public Integer call() throws IOException, InterruptedException {
    return plan.run(Goal.BASE, SealPolicy.DEFAULT);
  }
}
