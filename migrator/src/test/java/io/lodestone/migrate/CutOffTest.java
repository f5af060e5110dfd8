package io.lodestone.migrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.lodestone.api.StoreException;
import io.lodestone.migrate.journal.Outcome;
import io.lodestone.migrate.journal.Phase;
import io.lodestone.peers.EtcdCluster;
import io.lodestone.peers.EtcdRelease;
import io.lodestone.peers.NetworkLink;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The network between a migration and either side fails, and members die: it goes on, or ends with
 * a source that takes writes. {@code -Dlodestone.migrate.faults=40} makes the run longer, {@code
 * -Dlodestone.migrate.seed=...} another one.
 */
@Tag("once")
final class CutOffTest {
  private static final int FAULTS = Integer.getInteger("lodestone.migrate.faults", 4);
  private static final long SEED = Long.getLong("lodestone.migrate.seed", 1);
  private static final int MEMBERS = FAULTS > Fault.values().length ? 3 : 1;
  private static final int WRITES = 30;
  private static final long TRIES = 3;

  @TempDir Path folder;

  /** The first ones are for lone members, which cannot be missed for long. */
  private enum Fault {
    SOURCE_CUT,
    DESTINATION_CUT,
    SOURCE_SILENT,
    DESTINATION_SILENT,
    ONE_OF_THE_SOURCE_CUT,
    ONE_OF_THE_DESTINATION_CUT,
    SOURCE_MEMBER_KILLED,
    DESTINATION_MEMBER_KILLED
  }

  private Move move(int members) throws Exception {
    EtcdCluster source =
        EtcdCluster.of(EtcdRelease.of("3.5"), folder.resolve("source")).members(members).start();
    return new Move(source, EtcdRelease.of("3.5"), members, folder).linked();
  }

  @Test
  void whateverFailsWhileItFollowsItGoesOn() throws Exception {
    System.out.printf("migration through faults: seed %d, %d faults%n", SEED, FAULTS);
    Random random = new Random(SEED);
    try (Move move = move(MEMBERS)) {
      CompletableFuture<Void> run = move.start(move.migration(false));
      try (Acknowledged writer = Acknowledged.start(move.old)) {
        move.startDestination();
        move.awaitPhase(run, Phase.STEADY);
        Fault[] all = Fault.values();
        for (int i = 0; i < FAULTS; i++) {
          Fault fault = FAULTS > all.length ? all[random.nextInt(all.length)] : all[i];
          fail(fault, move, writer, random.nextInt(MEMBERS));
          awaitReplay(move, run);
        }
        move.migration(false).cutOver();
        run.join();
        writer.stop();
        writer.assertAllAt(move.fresh());
      }
      move.assertEqualAtEveryRevision();
      assertThat(move.report().standing().outcome()).isEqualTo(Optional.of(Outcome.DONE));
    }
  }

  private static void fail(Fault fault, Move move, Acknowledged writer, int member)
      throws Exception {
    switch (fault) {
      case SOURCE_CUT -> during(move.linksToSource(), writer, NetworkLink::cut);
      case DESTINATION_CUT -> during(move.linksToDestination(), writer, NetworkLink::cut);
      case SOURCE_SILENT -> during(move.linksToSource(), writer, NetworkLink::silence);
      case DESTINATION_SILENT -> during(move.linksToDestination(), writer, NetworkLink::silence);
      case ONE_OF_THE_SOURCE_CUT ->
          during(List.of(move.linksToSource().get(member)), writer, NetworkLink::cut);
      case ONE_OF_THE_DESTINATION_CUT ->
          during(List.of(move.linksToDestination().get(member)), writer, NetworkLink::cut);
      case SOURCE_MEMBER_KILLED -> kill(move.source, member, writer);
      case DESTINATION_MEMBER_KILLED -> kill(move.destination(), member, writer);
    }
  }

  private static void during(
      List<NetworkLink> links, Acknowledged writer, Consumer<NetworkLink> fault) {
    links.forEach(fault);
    awaitWrites(writer);
    links.forEach(NetworkLink::heal);
  }

  private static void kill(EtcdCluster cluster, int member, Acknowledged writer) throws Exception {
    cluster.member(member).kill();
    awaitWrites(writer);
    cluster.member(member).start();
    cluster.awaitReady(member);
  }

  private static void awaitWrites(Acknowledged writer) {
    long target = writer.writes() + WRITES;
    await().atMost(Move.PATIENCE).until(() -> writer.writes() >= target);
  }

  /** Until the destination has what the source has now; fails if the run ends. */
  private static void awaitReplay(Move move, CompletableFuture<Void> run) {
    long head = move.old.revision();
    await()
        .atMost(Move.PATIENCE)
        .until(
            () -> {
              if (run.isDone()) {
                run.join();
              }
              return move.fresh().revision() >= head;
            });
  }

  /** That it cannot be drained takes the whole patience behind the fence to find out. */
  static Stream<Phase> phasesBehindTheFence() {
    return Boolean.getBoolean("lodestone.migrate.allPairs")
        ? Stream.of(Phase.FENCE, Phase.ALIGN, Phase.CONSISTENCY_CHECK)
        : Stream.of(Phase.CONSISTENCY_CHECK);
  }

  @ParameterizedTest
  @MethodSource("phasesBehindTheFence")
  void aDestinationThatIsCutOffBehindTheFenceOpensTheSource(Phase phase) throws Exception {
    try (Move move = move(1)) {
      Move.put(move.old, "a", "1");
      move.onPhase(entered -> cutAtThe(phase, entered, move.linksToDestination()));
      CompletableFuture<Void> run = move.start(move.migration(true));
      try (Acknowledged writer = Acknowledged.start(move.old)) {
        move.startDestination();
        assertThat(Move.failure(run)).hasMessageNotContaining("is still fenced");
        writer.stop();
        move.assertSourceTakesWrites();
        move.onPhase(entered -> {});
        move.linksToDestination().forEach(NetworkLink::heal);
        move.migration(true).run();
        writer.assertAllAt(move.fresh());
      }
      move.assertEqualAtEveryRevision();
    }
  }

  private static void cutAtThe(Phase phase, Phase entered, List<NetworkLink> links) {
    if (phase == entered) {
      links.forEach(NetworkLink::cut);
    }
  }

  private static boolean triedInVain(List<NetworkLink> links) {
    return links.stream().allMatch(link -> link.refusedConnections() >= TRIES);
  }

  @ParameterizedTest
  @EnumSource(names = {"DRAIN", "CONSISTENCY_CHECK"})
  void aSourceThatIsCutOffBehindItsFenceIsOpenedAsSoonAsItIsBack(Phase phase) throws Exception {
    try (Move move = move(1)) {
      Move.put(move.old, "a", "1");
      move.onPhase(entered -> cutAtThe(phase, entered, move.linksToSource()));
      CompletableFuture<Void> run = move.start(move.migration(true));
      move.startDestination();
      move.awaitPhase(run, phase);
      await().atMost(Move.PATIENCE).until(() -> triedInVain(move.linksToSource()));
      assertThatThrownBy(() -> Move.put(move.old, "b", "2")).isInstanceOf(StoreException.class);
      assertThat(run).isNotDone();
      move.linksToSource().forEach(NetworkLink::heal);
      await().atMost(Move.PATIENCE).until(run::isDone);
      if (run.isCompletedExceptionally()) {
        move.assertSourceTakesWrites();
      } else {
        move.assertEqualAtEveryRevision();
      }
    }
  }
}
