package io.lodestone.migrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.lodestone.api.ErrorCode;
import io.lodestone.api.LodestoneException;
import io.lodestone.api.StoreException;
import io.lodestone.api.etcdserverpb.LeaseGrpc;
import io.lodestone.api.etcdserverpb.LeaseTimeToLiveRequest;
import io.lodestone.api.mvccpb.Event;
import io.lodestone.client.lockstep.DivergedException;
import io.lodestone.migrate.journal.Outcome;
import io.lodestone.migrate.journal.Phase;
import io.lodestone.peers.EtcdCluster;
import io.lodestone.peers.EtcdRelease;
import io.lodestone.peers.Watched;
import io.lodestone.peers.Workload;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Whole moves between stock clusters, under load. */
@Tag("once")
final class MigrationTest {
  private static final boolean ALL = Boolean.getBoolean("lodestone.migrate.allPairs");
  private static final int KILLS = ALL ? 3 : 1;

  @TempDir Path folder;

  /** One pair with three members on each side, the others with one; with the property, all. */
  static Stream<Arguments> pairs() {
    int members = ALL ? 3 : 1;
    return Stream.of(
        Arguments.of("3.4", "3.5", 3),
        Arguments.of("3.4", "3.4", members),
        Arguments.of("3.5", "3.4", members),
        Arguments.of("3.5", "3.5", members));
  }

  private Move move(String from, String to, int members) throws Exception {
    EtcdCluster source =
        EtcdCluster.of(EtcdRelease.of(from), folder.resolve("source")).members(members).start();
    return new Move(source, EtcdRelease.of(to), members, folder);
  }

  @ParameterizedTest
  @MethodSource("pairs")
  void everyRevisionLeaseAndWatchMovesWhileClientsWrite(String from, String to, int members)
      throws Exception {
    try (Move move = move(from, to, members);
        KeptLease early = KeptLease.grant(move.source.channel(0), 3);
        KeptLease held = KeptLease.grant(move.source.channel(0), 1000);
        Watched before = Watched.from(move.source.channel(members - 1), 2)) {
      Move.put(move.old, "first", "write");
      List<KeptLease> kept = new ArrayList<>(List.of(early));
      move.onPhase(phase -> assertMoved(move, phase, kept, before));
      CompletableFuture<Void> run = move.start(move.migration(false));
      // One revision after the other is repeated: two writers that do not rest are faster than that
      // on a slow disk.
      try (Workload workload =
          Workload.start(17, 40, false, List.of(move.source.channel(0), move.source.channel(0)))) {
        move.startDestination();
        move.awaitPhase(run, Phase.STEADY);
        try (KeptLease late = KeptLease.grant(move.source.channel(0), 4)) {
          kept.add(late);
          long target = workload.writes() + 250;
          await().atMost(Move.PATIENCE).until(() -> workload.writes() >= target);
          // At the head it might pass by what a busy machine has not read yet.
          move.old.compact(move.old.revision() - 100);
          move.migration(false).cutOver();
          run.join();
        }
      }
      assertThat(remainingSeconds(move, held)).as("released").isBetween(900L, 1000L);
      MigrationReport report = move.report();
      assertThat(report.standing().outcome()).isEqualTo(Optional.of(Outcome.DONE));
      assertThat(report.proof()).isEqualTo(Optional.of("HASH_KV"));
      assertThat(report.writersWaitedMillis().orElseThrow()).isBetween(1L, 60_000L);
    }
  }

  private static long remainingSeconds(Move move, KeptLease lease) {
    return move.fresh()
        .read(
            LeaseGrpc.getLeaseTimeToLiveMethod(),
            LeaseTimeToLiveRequest.newBuilder().setID(lease.id().value()).build())
        .getTTL();
  }

  /** At the cutover: everything is there, both sides stand still, clients come over. */
  private static void assertMoved(Move move, Phase phase, List<KeptLease> kept, Watched before) {
    if (phase != Phase.CUTOVER) {
      return;
    }
    long last = move.old.revision();
    assertThatThrownBy(() -> Move.put(move.old, "late", "write"))
        .isInstanceOfSatisfying(
            StoreException.class,
            refused -> assertThat(refused.code()).isEqualTo(ErrorCode.CORRUPT));
    move.assertEqualAtEveryRevision();
    assertThat(move.fresh().leases()).isEqualTo(move.old.leases());
    assertThat(move.fresh().leases()).contains(kept.get(0).id(), kept.get(1).id());
    await().atMost(Move.PATIENCE).until(() -> before.lastRevision() == last);
    try (Watched after = Watched.from(move.destination().channel(0), last + 1)) {
      assertThat(Move.put(move.fresh(), "first", "there")).isEqualTo(last + 1);
      await().atMost(Move.PATIENCE).until(() -> after.lastRevision() == last + 1);
      assertContiguous(before.events(), after.events());
    }
    assertLeasesLiveOn(move.destination(), kept.get(0), 3, kept.get(1), 4);
  }

  private static void assertLeasesLiveOn(
      EtcdCluster destination, KeptLease one, long ttl, KeptLease other, long otherTtl) {
    try (KeptLease moved = KeptLease.of(destination.channel(0), one.id());
        KeptLease movedToo = KeptLease.of(destination.channel(0), other.id())) {
      await().atMost(Move.PATIENCE).until(() -> moved.answeredTtlSeconds() == ttl);
      await().atMost(Move.PATIENCE).until(() -> movedToo.answeredTtlSeconds() == otherTtl);
    }
  }

  /** Every main revision once, in order, across the move. */
  private static void assertContiguous(List<Event> before, List<Event> after) {
    List<Long> revisions = new ArrayList<>();
    Stream.concat(before.stream(), after.stream())
        .map(event -> event.getKv().getModRevision())
        .distinct()
        .forEach(revisions::add);
    for (int i = 1; i < revisions.size(); i++) {
      assertThat(revisions.get(i)).isEqualTo(revisions.get(i - 1) + 1);
    }
  }

  @Test
  void aWatcherThatMovesLateMissesNothing() throws Exception {
    try (Move move = move("3.5", "3.5", 1);
        Watched whole = Watched.from(move.source.channel(0), 2)) {
      CompletableFuture<Void> run = move.start(move.migration(false));
      move.startDestination();
      long seen;
      try (Workload workload = Workload.start(23, 20, false, List.of(move.source.channel(0)));
          Watched left = Watched.from(move.source.channel(0), 2)) {
        move.awaitPhase(run, Phase.STEADY);
        await().atMost(Move.PATIENCE).until(() -> left.lastRevision() > 50);
        seen = left.lastRevision();
        long target = workload.writes() + 50;
        await().atMost(Move.PATIENCE).until(() -> workload.writes() > target);
        move.migration(false).cutOver();
        run.join();
      }
      long last = move.report().standing().finalRevision().orElseThrow();
      assertThat(last).isGreaterThan(seen);
      await().atMost(Move.PATIENCE).until(() -> whole.lastRevision() == last);
      try (Watched moved = Watched.from(move.destination().channel(0), seen + 1)) {
        await().atMost(Move.PATIENCE).until(() -> moved.lastRevision() >= last);
        assertThat(between(moved.events(), seen, last))
            .isEqualTo(between(whole.events(), seen, last));
      }
    }
  }

  @Test
  void usersMoveAlong() throws Exception {
    EtcdCluster source = EtcdCluster.of(EtcdRelease.of("3.4"), folder.resolve("source")).start();
    source.etcdctl("user", "add", "root:r");
    source.etcdctl("user", "add", "ann:a");
    source.etcdctl("role", "add", "opener");
    source.etcdctl("role", "grant-permission", "opener", "--prefix=true", "readwrite", "open/");
    source.etcdctl("user", "grant-role", "ann", "opener");
    source.etcdctl("user", "grant-role", "root", "root");
    source.etcdctl("auth", "enable");
    try (Move move =
        new Move(
            source, EtcdRelease.of("3.5"), 1, folder, options -> options.withUser("root", "r"))) {
      Move.put(move.old, "open/a", "1");
      CompletableFuture<Void> run = move.start(move.migration(false));
      move.startDestination();
      move.awaitPhase(run, Phase.STEADY);
      Move.put(move.old, "open/b", "2");
      move.migration(false).cutOver();
      run.join();
      move.assertEqualAtEveryRevision();
      EtcdCluster destination = move.destination();
      destination.etcdctl("--user=ann:a", "put", "open/c", "3");
      assertThatThrownBy(() -> destination.etcdctl("--user=ann:a", "put", "closed/c", "3"))
          .hasMessageContaining("permission denied");
      assertThatThrownBy(() -> destination.etcdctl("get", "open/a"))
          .hasMessageContaining("user name is empty");
    }
  }

  @Test
  void membersThatDieOnEitherSideHoldNothingUp() throws Exception {
    try (Move move = move("3.5", "3.5", 3)) {
      CompletableFuture<Void> run = move.start(move.migration(false));
      try (Acknowledged writer = Acknowledged.start(move.old)) {
        move.startDestination();
        move.awaitPhase(run, Phase.STEADY);
        for (int member = 0; member < KILLS; member++) {
          killAndRestart(move.source, member, writer);
          killAndRestart(move.destination(), member, writer);
        }
        move.migration(false).cutOver();
        run.join();
        writer.stop();
        writer.assertAllAt(move.fresh());
      }
      move.assertEqualAtEveryRevision();
    }
  }

  /** In between, and afterwards, clients go on writing. */
  private static void killAndRestart(EtcdCluster cluster, int member, Acknowledged writer)
      throws Exception {
    cluster.member(member).kill();
    awaitWrites(writer, 20);
    cluster.member(member).start();
    cluster.awaitReady(member);
    awaitWrites(writer, 20);
  }

  private static void awaitWrites(Acknowledged writer, int more) {
    long target = writer.writes() + more;
    await().atMost(Move.PATIENCE).until(() -> writer.writes() >= target);
  }

  private static List<Event> between(List<Event> events, long after, long last) {
    return events.stream()
        .filter(event -> event.getKv().getModRevision() > after)
        .filter(event -> event.getKv().getModRevision() <= last)
        .toList();
  }

  @Test
  void aForeignWriteOnTheDestinationStopsTheMove() throws Exception {
    try (Move move = move("3.5", "3.5", 1)) {
      Move.put(move.old, "a", "1");
      CompletableFuture<Void> run = move.start(move.migration(false));
      move.startDestination();
      move.awaitPhase(run, Phase.STEADY);
      Move.put(move.fresh(), "foreign", "write");
      Move.put(move.old, "b", "2");
      assertThat(Move.failure(run))
          .hasMessageContaining("somebody else wrote to it")
          .hasMessageContaining("revision 3");
      move.assertSourceTakesWrites();
      assertThatThrownBy(() -> move.migration(false).run())
          .hasMessageContaining("somebody else wrote");
      move.assertSourceTakesWrites();
    }
  }

  @Test
  void aDestinationThatIsAheadOfTheSourceIsNotGoneOnWith() throws Exception {
    try (Move move = move("3.5", "3.5", 1)) {
      CompletableFuture<Void> run = move.start(move.migration(false));
      move.startDestination();
      move.awaitPhase(run, Phase.STEADY);
      Move.put(move.fresh(), "foreign", "write");
      Move.put(move.fresh(), "foreign", "again");
      Move.put(move.old, "a", "1");
      assertThat(Move.failure(run)).isInstanceOf(DivergedException.class);
      assertThatThrownBy(() -> move.migration(false).run())
          .isInstanceOfSatisfying(
              LodestoneException.class,
              failure -> assertThat(failure.hint()).contains("begin again with another --dir"))
          .hasMessageContaining("is at revision 4, the source at 2")
          .hasMessageContaining("somebody else wrote");
      move.assertSourceTakesWrites();
    }
  }

  @Test
  void aDestinationThatWasNotWrittenToCanBeRolledBack() throws Exception {
    try (Move move = move("3.5", "3.5", 1)) {
      Move.put(move.old, "a", "1");
      CompletableFuture<Void> run = move.start(move.migration(true));
      move.startDestination();
      run.join();
      assertThatThrownBy(() -> move.migration(false).abort()).hasMessageContaining("is over: DONE");
      assertThatThrownBy(() -> move.migration(false).run()).hasMessageContaining("is over: DONE");
      long written = Move.put(move.fresh(), "b", "2");
      assertThatThrownBy(() -> move.migration(false).rollback())
          .hasMessageContaining("has made 1 revisions since the cutover");
      assertThat(Move.put(move.fresh(), "b", "3")).isEqualTo(written + 1);
    }
  }

  @Test
  void aRollbackReopensTheSourceAndClosesTheDestination() throws Exception {
    try (Move move = move("3.4", "3.5", 1)) {
      Move.put(move.old, "a", "1");
      CompletableFuture<Void> run = move.start(move.migration(true));
      move.startDestination();
      run.join();
      move.migration(false).rollback();
      move.assertSourceTakesWrites();
      assertThatThrownBy(() -> Move.put(move.fresh(), "b", "2")).isInstanceOf(StoreException.class);
      assertThat(move.report().standing().outcome()).isEqualTo(Optional.of(Outcome.ROLLED_BACK));
    }
  }
}
