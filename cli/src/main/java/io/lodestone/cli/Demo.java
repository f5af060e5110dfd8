package io.lodestone.cli;

import io.lodestone.peers.EtcdRelease;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Optional;

/**
 * The main job, shown on the real thing, in acts: {@link Accident} and {@link Heir} need nothing
 * but this program, {@link Disaster} a stock etcd. What they do to backups they do by commands that
 * they print.
 */
final class Demo {
  private Demo() {}

  /**
   * Runs in a temporary folder, which it removes. The report's fact {@code equal} tells whether
   * every hash agrees.
   */
  static Report run(PrintWriter out) throws IOException, InterruptedException {
    Optional<EtcdRelease> stock = EtcdRelease.newest();
    Report report = new Report();
    try (DemoStage stage = new DemoStage(out)) {
      boolean equal = new Accident(stage).play(stock, report);
      equal &= new Heir(stage).play(report);
      if (stock.isPresent()) {
        equal &= new Disaster(stage, stock.get()).play(report);
      } else {
        stage.say("\nThere is no stock etcd on this machine, so it ends here. With one installed,");
        stage.say("the demo goes on: it destroys a cluster of three, and brings it back.");
      }
      stage.say("");
      return report.fact("equal", equal);
    }
  }
}
