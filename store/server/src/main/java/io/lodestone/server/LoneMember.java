package io.lodestone.server;

import io.lodestone.api.etcdserverpb.Member;
import io.lodestone.mvcc.Durability;
import io.lodestone.mvcc.Engine;
import io.lodestone.mvcc.EngineOptions;
import io.lodestone.mvcc.direct.DirectLog;
import io.lodestone.server.cluster.LoneMembership;
import io.lodestone.server.cluster.MembersFile;
import io.lodestone.server.cluster.MembersFile.Stored;
import io.lodestone.server.config.StoreConfig;
import io.lodestone.server.lease.LeaseTimes;
import io.lodestone.server.proposal.DirectProposals;
import io.lodestone.server.transport.ListenUrl;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;

/** The only member of its cluster: its engine's log is all the log there is. */
final class LoneMember implements ServedMember {
  private final Closing closing = new Closing();
  private final Serving serving;

  /** When this returns, clients can connect. {@code self} is written to {@code file} again. */
  LoneMember(StoreConfig config, MembersFile file, Stored self, EngineOptions options)
      throws IOException {
    file.write(self);
    try {
      Engine engine =
          closing.add(Engine.open(new DataDirectory(config.dataDir()).engine(), options));
      DirectLog direct =
          new DirectLog(engine, config.synced() ? Durability.SYNCED : Durability.BY_LOG);
      serving =
          closing.add(
              new Serving(
                  config,
                  engine,
                  new Serving.Identity(self.clusterId(), self.localId()),
                  new LoneMembership(
                      self.members(), Clock.systemUTC(), members -> write(file, self, members)),
                  LeaseTimes.of(engine.leases()),
                  new DirectProposals(direct, engine, self.localId())));
      engine.leases().promote(Duration.ZERO);
      direct.start();
      closing.add(direct);
      closing.add(serving::closePorts);
      serving.openPorts();
      serving.tellStart();
    } catch (IOException | RuntimeException e) {
      closing.close();
      throw e;
    }
  }

  private static void write(MembersFile file, Stored self, List<Member> members) {
    try {
      file.write(new Stored(self.clusterId(), self.localId(), members));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write the list of members", e);
    }
  }

  @Override
  public List<ListenUrl> clientUrls() {
    return serving.clientUrls();
  }

  @Override
  public void close() {
    closing.close();
  }
}
