package io.lodestone.backup.daemon;

import io.lodestone.backup.AgentListener;
import io.lodestone.backup.BackupAgent;
import io.lodestone.backup.Goal;
import io.lodestone.backup.SealPolicy;
import io.lodestone.client.ClientOptions;
import io.lodestone.client.EtcdConnection;
import io.lodestone.client.FollowOptions;
import io.lodestone.client.LivingCluster;
import io.lodestone.etcdfile.db.SnapshotFileSource;
import io.lodestone.peers.EtcdCluster;
import io.lodestone.repository.Repository;
import io.lodestone.repository.Takeover;
import io.lodestone.repository.WriterSettings;
import io.lodestone.repository.format.Holder;
import io.lodestone.repository.objects.ObjectStores;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;

/** An agent that is let until it has reached its goal, with a clock that is wrong. */
final class OneCapture {
  private OneCapture() {}

  /**
   * @param wrong how far the agent's clock is ahead
   */
  static void run(EtcdCluster source, String repository, Duration wrong, Goal goal)
      throws Exception {
    ClientOptions options = ClientOptions.of(source.endpoints().toArray(String[]::new));
    Clock clock = Clock.offset(Clock.systemUTC(), wrong);
    try (EtcdConnection connection = EtcdConnection.open(options);
        Repository opened = Repository.openOrCreate(ObjectStores.open(repository))) {
      FollowOptions follow = FollowOptions.in(Path.of(repository).resolveSibling("spool"));
      LivingCluster cluster = new LivingCluster(connection, SnapshotFileSource::new, follow, clock);
      Holder holder = new Holder("old", "elsewhere", 1);
      new BackupAgent(
              connection,
              cluster,
              opened,
              holder,
              Takeover.WHEN_SILENT,
              SealPolicy.DEFAULT,
              WriterSettings.DEFAULT,
              AgentListener.SILENT)
          .runOnce(goal);
    }
  }
}
