package io.lodestone.migrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lodestone.api.LeaseId;
import io.lodestone.client.ClientOptions;
import io.lodestone.client.EtcdConnection;
import io.lodestone.etcdfile.db.SnapshotFileSource;
import io.lodestone.etcdfile.member.LogEnd;
import io.lodestone.etcdfile.member.MemberDirectorySource;
import io.lodestone.migrate.ColdMigration.Moved;
import io.lodestone.migrate.journal.Phase;
import io.lodestone.peers.EtcdCluster;
import io.lodestone.peers.EtcdRelease;
import io.lodestone.revisions.StreamItem.Reason;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a stopped cluster has left, into one that runs. */
final class ColdMigrationTest {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  @TempDir Path folder;

  private EtcdCluster start(String minor, String name) throws Exception {
    return EtcdCluster.of(EtcdRelease.of(minor), folder.resolve(name)).start();
  }

  private ColdMigration migration(EtcdCluster destination, MigrationListener listener) {
    return new ColdMigration(
        ClientOptions.of(destination.endpoints().toArray(String[]::new)),
        folder.resolve("cold"),
        PATIENCE,
        listener);
  }

  @ParameterizedTest
  @CsvSource({"3.4,3.5", "3.5,3.4"})
  void aSnapshotFileKeepsItsRevisions(String from, String to) throws Exception {
    Path file = folder.resolve("last.db");
    Set<LeaseId> leases = new HashSet<>();
    long revision;
    try (EtcdCluster source = start(from, "source");
        EtcdConnection connection = Move.connect(source.endpoints())) {
      leases.add(RandomWrites.until(connection, 300));
      connection.compact(connection.revision() - 20);
      source.etcdctl("snapshot", "save", file.toString());
      revision = connection.revision();
    }
    try (EtcdCluster destination = start(to, "destination");
        EtcdConnection fresh = Move.connect(destination.endpoints())) {
      Moved moved =
          migration(destination, MigrationListener.SILENT)
              .run("last.db", () -> SnapshotFileSource.verified(file).openAtBase(Reason.INITIAL));
      assertThat(moved.revision()).isEqualTo(fresh.revision()).isEqualTo(revision);
      assertThat(moved.compactRevision()).isPositive();
      assertThat(fresh.leases()).isEqualTo(leases);
      assertThat(Move.put(fresh, "next", "there")).isEqualTo(moved.revision() + 1);
    }
  }

  private static final class Halted extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  @Test
  void aMembersDirectoryIsMovedEvenIfTheMoveIsBrokenOff() throws Exception {
    try (EtcdCluster source = start("3.5", "source")) {
      source.etcdctl("put", "a", "1");
      for (int i = 0; i < 30; i++) {
        source.etcdctl("put", "k", "v" + i);
      }
      source.etcdctl("compaction", "20");
    }
    ColdMigration.Source member =
        () ->
            new MemberDirectorySource(folder.resolve("source/m1"), LogEnd.LAST_ENTRY)
                .openAtBase(Reason.INITIAL);
    try (EtcdCluster destination = start("3.5", "destination");
        EtcdConnection fresh = Move.connect(destination.endpoints())) {
      assertThatThrownBy(
              () -> migration(destination, new HaltAt(Phase.CONSISTENCY_CHECK)).run("m1", member))
          .isInstanceOf(Halted.class);
      assertThatThrownBy(
              () -> migration(destination, MigrationListener.SILENT).run("other", member))
          .hasMessageContaining("moves m1, not other");
      Moved moved = migration(destination, MigrationListener.SILENT).run("m1", member);
      assertThat(moved.revision()).isEqualTo(32);
      assertThat(moved.compactRevision()).isEqualTo(20);
      assertThat(Move.get(fresh, "k")).isEqualTo("v29");
    }
  }

  private record HaltAt(Phase phase) implements MigrationListener {
    @Override
    public void entered(Phase next) {
      if (next == phase) {
        throw new Halted();
      }
    }

    @Override
    public void progress(MigrationStatus status) {}
  }

  @Test
  void aDestinationWithKeysIsRefused() throws Exception {
    try (EtcdCluster destination = start("3.5", "destination");
        EtcdConnection fresh = Move.connect(destination.endpoints())) {
      Move.put(fresh, "mine", "1");
      assertThatThrownBy(
              () ->
                  migration(destination, MigrationListener.SILENT)
                      .run("none", () -> new SnapshotFileSource(folder).openAtBase(Reason.INITIAL)))
          .hasMessageContaining("it has 1 keys");
      assertThat(Move.get(fresh, "mine")).isEqualTo("1");
    }
  }
}
