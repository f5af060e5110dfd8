package io.lodestone.migrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lodestone.api.LodestoneException;
import io.lodestone.client.EtcdConnection;
import io.lodestone.migrate.MigrationOptions.Hooks;
import io.lodestone.migrate.compare.ClusterComparison;
import io.lodestone.migrate.compare.Finding;
import io.lodestone.migrate.journal.Phase;
import io.lodestone.peers.EtcdCluster;
import io.lodestone.peers.EtcdRelease;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is found before, or at the latest at the fence. */
@Tag("once")
final class PreflightTest {
  private static final int MOST_WRITES = 200;

  @TempDir Path folder;

  private Move move(String... flags) throws Exception {
    return new Move(
        EtcdCluster.of(EtcdRelease.of("3.5"), folder.resolve("source")).start(),
        EtcdRelease.of("3.5"),
        1,
        folder,
        flags);
  }

  private static List<String> problems(List<Check> checks) {
    return checks.stream()
        .filter(check -> check.verdict() == Check.Verdict.PROBLEM)
        .map(Check::detail)
        .toList();
  }

  @Test
  void aPlanThatCanSucceedHasNoProblemsAndTouchesNothing() throws Exception {
    try (Move move = move()) {
      assertThat(problems(move.migration(false).plan())).isEmpty();
      assertThat(move.directory).doesNotExist();
      assertThat(move.seed().targets()).noneMatch(Files::exists);
    }
  }

  @Test
  void aDestinationThatRunsOrExistsIsAProblem() throws Exception {
    try (Move move = move()) {
      Files.createDirectories(move.plan().dataDir("m1").getParent());
      try (EtcdCluster running = move.plan().start()) {
        assertThat(problems(move.migration(false).plan()))
            .anyMatch(found -> found.contains("m1 exists already"))
            .anyMatch(found -> found.contains("is running already"));
        assertThatThrownBy(() -> move.migration(true).run())
            .isInstanceOf(LodestoneException.class)
            .hasMessageContaining("exists already");
        assertThat(running.member(0).isAlive()).isTrue();
      }
      assertThat(move.plan().dataDir("m1")).exists();
      assertThatThrownBy(() -> move.migration(true).run())
          .as("what is not the migration's own is never removed")
          .hasMessageContaining("exists already");
    }
  }

  @Test
  void theSourceItselfIsNoDestination() throws Exception {
    try (Move move = move()) {
      MigrationOptions options =
          Move.options(
              move.source.endpoints(),
              move.source.endpoints(),
              move.directory,
              Optional.of(move.seed()),
              true);
      assertThat(problems(new Migration(options, MigrationListener.SILENT).plan()))
          .anyMatch(found -> found.contains("belongs to the source itself"));
      MigrationOptions running =
          Move.options(
              move.source.endpoints(),
              move.source.endpoints(),
              move.directory,
              Optional.empty(),
              true);
      assertThat(problems(new Migration(running, MigrationListener.SILENT).plan()))
          .anyMatch(found -> found.contains("belong to the source itself"));
    }
  }

  @Test
  void anEtcdThatIsTooOldIsAProblemOnEitherSide() throws Exception {
    try (Move move = move().intoRunning();
        Relabelled from = Relabelled.of(move.source.channel(0), "3.3.27");
        Relabelled to = Relabelled.of(move.destination().channel(0), "3.2.32")) {
      MigrationOptions options =
          Move.options(
              List.of(from.endpoint()),
              List.of(to.endpoint()),
              move.directory,
              Optional.empty(),
              true);
      Migration migration = new Migration(options, MigrationListener.SILENT);
      assertThat(problems(migration.plan()))
          .anyMatch(found -> found.contains("is etcd 3.3.27"))
          .anyMatch(found -> found.contains("is etcd 3.2.32"));
      assertThatThrownBy(migration::run)
          .isInstanceOfSatisfying(
              LodestoneException.class,
              failure -> assertThat(failure.hint()).contains("upgrade it to 3.4"));
      move.assertSourceTakesWrites();
      assertThat(move.fresh().revision()).as("untouched").isEqualTo(1);
    }
  }

  @Test
  void aDestinationThatWouldBeTheSameClusterIsAProblem() throws Exception {
    EtcdCluster.Plan twin =
        EtcdCluster.of(EtcdRelease.of("3.5"), folder.resolve("source")).token("moved");
    try (EtcdCluster source = twin.start()) {
      MigrationOptions options =
          Move.options(
              source.endpoints(),
              List.of("127.0.0.1:1"),
              folder.resolve("migration"),
              Optional.of(Move.seed(twin.peerUrls(), folder.resolve("new"))),
              true);
      assertThat(problems(new Migration(options, MigrationListener.SILENT).plan()))
          .anyMatch(found -> found.contains("the same cluster as the source"));
    }
  }

  @Test
  void aSourceThatIsFencedAlreadyIsAProblem() throws Exception {
    try (Move move = move()) {
      new AlarmFence(move.old).raise();
      assertThat(problems(move.migration(false).plan()))
          .anyMatch(found -> found.contains("CORRUPT alarm"));
      new AlarmFence(move.old).lower();
      move.assertSourceTakesWrites();
    }
  }

  @Test
  void aSourceThatIsNotQuietCannotBeMovedWithoutAFence() throws Exception {
    try (Move move = move().fencedBy(FenceKind.NONE);
        Acknowledged writer = Acknowledged.start(move.old)) {
      CompletableFuture<Void> run = move.start(move.migration(true));
      move.startDestination();
      assertThat(Move.failure(run)).hasMessageContaining("is still written to");
      writer.stop();
      move.migration(true).run();
      writer.assertAllAt(move.fresh());
      move.assertEqualAtEveryRevision();
    }
  }

  @Test
  void theUsersCommandsAreRunInTheirPlaces() throws Exception {
    Path log = folder.resolve("hooks");
    Hooks hooks =
        new Hooks(
            Optional.of("echo start >> " + log),
            Optional.of("echo stop >> " + log),
            Optional.of("echo fence >> " + log),
            Optional.of("echo unfence >> " + log),
            Optional.of("echo cutover >> " + log),
            Optional.of("echo rollback >> " + log));
    try (Move move = move().fencedBy(FenceKind.HOOK).with(hooks)) {
      Move.put(move.old, "a", "1");
      CompletableFuture<Void> run = move.start(move.migration(true));
      move.startDestination();
      run.join();
      move.migration(false).rollback();
      assertThat(Files.readAllLines(log))
          .containsExactly("start", "fence", "cutover", "unfence", "rollback");
    }
  }

  @Test
  void aFailingCommandStopsTheMoveBeforeAnythingIsLost() throws Exception {
    Hooks hooks =
        new Hooks(
            Optional.empty(),
            Optional.empty(),
            Optional.of("echo no >&2; exit 7"),
            Optional.of("true"),
            Optional.empty(),
            Optional.empty());
    try (Move move = move().fencedBy(FenceKind.HOOK).with(hooks)) {
      CompletableFuture<Void> run = move.start(move.migration(true));
      move.startDestination();
      assertThat(Move.failure(run)).hasMessageContaining("fence command ended with exit code 7");
      assertThat(Files.readString(move.directory.resolve("hooks.log"))).contains("no");
      assertThat(move.report().standing().fenced()).isFalse();
      move.assertSourceTakesWrites();
    }
  }

  @Test
  void aValueTooLargeForTheDestinationStopsTheMoveUntilItTakesIt() throws Exception {
    try (EtcdCluster source =
            EtcdCluster.of(EtcdRelease.of("3.5"), folder.resolve("large"))
                .flags("--max-request-bytes=8388608")
                .start();
        Move move = new Move(source, EtcdRelease.of("3.5"), 1, folder)) {
      CompletableFuture<Void> run = move.start(move.migration(false));
      move.startDestination();
      move.awaitPhase(run, Phase.STEADY);
      Move.put(move.old, "large", "x".repeat(3 << 20));
      LodestoneException failure = Move.failure(run);
      assertThat(failure).hasMessageContaining("larger than the destination takes");
      assertThat(failure.hint()).contains("--max-request-bytes");
      move.assertSourceTakesWrites();
      move.restartDestination("--max-request-bytes=8388608");
      move.migration(true).run();
      move.assertEqualAtEveryRevision();
    }
  }

  @Test
  void aDestinationThatIsFullStopsTheMoveUntilThereIsRoom() throws Exception {
    try (Move move = move("--quota-backend-bytes=8388608")) {
      CompletableFuture<Void> run = move.start(move.migration(false));
      move.startDestination();
      move.awaitPhase(run, Phase.STEADY);
      // etcd looks at what it last committed, ten times a second: a fast disk takes more until then
      for (int i = 0; i < MOST_WRITES && !run.isDone(); i++) {
        Move.put(move.old, "large" + i, "x".repeat(1 << 20));
      }
      LodestoneException failure = Move.failure(run);
      assertThat(failure).hasMessageContaining("the destination's quota is reached");
      assertThat(failure.hint()).contains("--quota-backend-bytes").contains("disarm");
      move.assertSourceTakesWrites();
      move.restartDestination("--quota-backend-bytes=1073741824");
      move.destination().etcdctl("alarm", "disarm");
      move.migration(true).run();
      move.assertEqualAtEveryRevision();
    }
  }

  @Test
  void aUserWithoutTheRoleRootIsFoundBeforeAnythingIsWritten() throws Exception {
    try (Move move = ofUser("ann", "a")) {
      assertThatThrownBy(() -> move.migration(false).plan())
          .isInstanceOfSatisfying(
              LodestoneException.class, failure -> assertThat(failure.hint()).contains("root"))
          .hasMessageContaining("permission denied");
      assertThat(move.directory).doesNotExist();
      assertThat(move.seed().targets()).noneMatch(Files::exists);
    }
  }

  @Test
  void permissionsThatAreLostOnTheWayEndTheMoveAndTheSourceTakesWrites() throws Exception {
    try (Move move = ofUser("mover", "m")) {
      CompletableFuture<Void> run = move.start(move.migration(false));
      move.startDestination();
      move.awaitPhase(run, Phase.STEADY);
      move.source.etcdctl("--user=root:r", "user", "revoke-role", "mover", "root");
      LodestoneException failure = Move.failure(run);
      assertThat(failure).hasMessageContaining("permission denied");
      assertThat(failure.hint()).contains("root");
      assertThat(move.report().standing().fenced()).isFalse();
      assertThat(move.source.etcdctl("--user=root:r", "put", "goes", "on")).contains("OK");
      assertThat(move.source.etcdctl("--user=root:r", "alarm", "list")).isBlank();
    }
  }

  @Test
  void usersThatChangedWhileNoRunFollowedAreFoundBeforeTheFence() throws Exception {
    try (Move move = ofUser("root", "r")) {
      Migration first = move.migration(false);
      CompletableFuture<Void> run = move.start(first);
      EtcdCluster destination = move.startDestination();
      move.awaitPhase(run, Phase.STEADY);
      first.stop();
      assertThat(Move.failure(run)).hasMessageContaining("was stopped");
      move.source.etcdctl("--user=root:r", "user", "add", "eve:e");
      assertThatThrownBy(() -> move.migration(true).run()).hasMessageContaining("user eve differs");
      assertThat(move.report().standing().fenced()).isFalse();
      assertThat(move.source.etcdctl("--user=root:r", "put", "goes", "on")).contains("OK");
      destination.etcdctl("--user=root:r", "user", "add", "eve:e");
      move.migration(true).run();
      move.assertEqualAtEveryRevision();
    }
  }

  /** Of a source with the users root and mover, who have the role root, and ann, who has none. */
  private Move ofUser(String user, String password) throws Exception {
    EtcdCluster source = EtcdCluster.of(EtcdRelease.of("3.5"), folder.resolve("users")).start();
    for (String each : List.of("root:r", "mover:m", "ann:a")) {
      source.etcdctl("user", "add", each);
    }
    source.etcdctl("user", "grant-role", "root", "root");
    source.etcdctl("user", "grant-role", "mover", "root");
    source.etcdctl("auth", "enable");
    return new Move(
        source, EtcdRelease.of("3.5"), 1, folder, options -> options.withUser(user, password));
  }

  @Test
  void aComparisonNamesWhatDiffers() throws Exception {
    try (Move move = move();
        EtcdCluster other = EtcdCluster.of(EtcdRelease.of("3.4"), folder.resolve("other")).start();
        EtcdConnection theirs = Move.connect(other.endpoints());
        KeptLease lease = KeptLease.grant(other.channel(0), 77)) {
      for (int i = 0; i < 20; i++) {
        Move.put(move.old, "k" + i, "v");
        Move.put(theirs, "k" + i, i == 7 ? "w" : "v");
      }
      ClusterComparison comparison =
          new ClusterComparison(move.old, theirs, Files.createDirectories(folder.resolve("work")));
      Finding before = comparison.keysAt(8);
      assertThat(before.equal()).isTrue();
      assertThat(before.proof()).isEqualTo(Finding.Proof.HASH_KV);
      Finding all = comparison.everythingAt(21);
      assertThat(all.equal()).isFalse();
      assertThat(all.proof()).isEqualTo(Finding.Proof.DIGEST);
      assertThat(all.keys().get(0).toStringUtf8()).isEqualTo("k7");
      assertThat(all.keys()).hasSize(1);
      assertThat(all.besides()).containsExactly("lease " + lease.id() + ": none / 77 s");
      move.old.compact(15);
      Finding unequal = comparison.keysAt(16);
      assertThat(unequal.keys()).hasSize(1);
      assertThat(unequal.compactRevision()).isEqualTo(15);
    }
  }
}
