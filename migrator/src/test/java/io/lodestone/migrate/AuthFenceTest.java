package io.lodestone.migrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lodestone.api.ErrorCode;
import io.lodestone.api.StoreException;
import io.lodestone.client.ClientOptions;
import io.lodestone.client.EtcdConnection;
import io.lodestone.migrate.journal.Outcome;
import io.lodestone.migrate.journal.Phase;
import io.lodestone.peers.EtcdCluster;
import io.lodestone.peers.EtcdRelease;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The fence that takes the permission to write away from every role. */
@Tag("once")
final class AuthFenceTest {
  @TempDir Path folder;

  private EtcdCluster source(String minor) throws Exception {
    EtcdCluster source = EtcdCluster.of(EtcdRelease.of(minor), folder.resolve("source")).start();
    source.etcdctl("user", "add", "root:r");
    source.etcdctl("user", "add", "ann:a");
    source.etcdctl("role", "add", "writer");
    source.etcdctl("role", "grant-permission", "writer", "--prefix=true", "readwrite", "open/");
    source.etcdctl("role", "grant-permission", "writer", "readwrite", "open/", "open/m");
    source.etcdctl("role", "grant-permission", "writer", "write", "drop");
    source.etcdctl("role", "grant-permission", "writer", "read", "news");
    source.etcdctl("user", "grant-role", "ann", "writer");
    source.etcdctl("user", "grant-role", "root", "root");
    source.etcdctl("auth", "enable");
    return source;
  }

  private Move move(EtcdCluster source) throws Exception {
    return new Move(
            source, EtcdRelease.of("3.5"), 1, folder, options -> options.withUser("root", "r"))
        .fencedBy(FenceKind.AUTH);
  }

  private static EtcdConnection ann(EtcdCluster cluster) {
    return EtcdConnection.open(
        ClientOptions.of(cluster.endpoints().toArray(String[]::new)).withUser("ann", "a"));
  }

  private static String permissions(EtcdCluster cluster) throws Exception {
    return cluster.etcdctl("--user=root:r", "role", "get", "writer");
  }

  @ParameterizedTest
  @ValueSource(strings = {"3.4", "3.5"})
  void writersAreRefusedReadersAreNotAndARollbackGivesAllBack(String minor) throws Exception {
    EtcdCluster source = source(minor);
    String before = permissions(source);
    try (Move move = move(source);
        EtcdConnection ann = ann(source)) {
      assertThat(move.migration(false).plan())
          .anyMatch(check -> check.name().equals("fence") && check.detail().contains("writer"))
          .noneMatch(check -> check.verdict() == Check.Verdict.PROBLEM);
      Move.put(ann, "open/a", "1");
      move.onPhase(phase -> assertFenced(phase, move, ann));
      CompletableFuture<Void> run = move.start(move.migration(true));
      move.startDestination();
      run.join();
      assertThat(permissions(move.destination())).isEqualTo(before);
      try (EtcdConnection moved = ann(move.destination())) {
        assertThat(Move.get(moved, "open/a")).isEqualTo("1");
      }
      move.migration(false).rollback();
      assertThat(permissions(source)).isEqualTo(before);
      assertThat(Move.put(ann, "open/b", "2")).isPositive();
      assertThat(Move.put(ann, "drop", "3")).isPositive();
      assertThat(move.report().standing().outcome()).isEqualTo(Optional.of(Outcome.ROLLED_BACK));
    }
  }

  private static void assertFenced(Phase phase, Move move, EtcdConnection ann) {
    if (phase == Phase.CUTOVER) {
      for (String key : new String[] {"open/a", "open/z", "drop"}) {
        assertThatThrownBy(() -> Move.put(ann, key, "2"))
            .isInstanceOfSatisfying(
                StoreException.class,
                refused -> assertThat(refused.code()).isEqualTo(ErrorCode.PERMISSION_DENIED));
      }
      assertThat(Move.get(ann, "open/a")).isEqualTo("1");
      move.assertEqualAtEveryRevision();
    }
  }

  @Test
  void anAbortBehindTheFenceGivesThePermissionsBack() throws Exception {
    EtcdCluster source = source("3.5");
    String before = permissions(source);
    try (Move move = move(source);
        EtcdConnection ann = ann(source)) {
      Move.put(ann, "open/a", "1");
      Migration migration = move.migration(true);
      move.onPhase(
          phase -> {
            if (phase == Phase.ALIGN) {
              migration.stop();
              throw new StoppedException();
            }
          });
      CompletableFuture<Void> run = move.start(migration);
      move.startDestination();
      assertThat(Move.failure(run)).isInstanceOf(StoppedException.class);
      assertThat(permissions(source)).isEqualTo(before);
      move.onPhase(phase -> {});
      move.migration(false).abort();
      assertThat(Move.put(ann, "open/b", "2")).isPositive();
    }
  }

  @Test
  void othersWithTheRoleRootAreAProblem() throws Exception {
    EtcdCluster source = source("3.5");
    source.etcdctl("--user=root:r", "user", "grant-role", "ann", "root");
    String before = permissions(source);
    try (Move move = move(source)) {
      assertThat(move.migration(false).plan())
          .anyMatch(
              check ->
                  check.verdict() == Check.Verdict.PROBLEM
                      && check.detail().contains("the writes of ann cannot be fenced"));
      assertThat(permissions(source)).isEqualTo(before);
    }
  }

  @Test
  void withoutAuthenticationItIsAProblem() throws Exception {
    EtcdCluster open = EtcdCluster.of(EtcdRelease.of("3.4"), folder.resolve("source")).start();
    try (Move move = new Move(open, EtcdRelease.of("3.5"), 1, folder).fencedBy(FenceKind.AUTH)) {
      assertThat(move.migration(false).plan())
          .anyMatch(
              check ->
                  check.verdict() == Check.Verdict.PROBLEM
                      && check.detail().contains("authentication is off"));
    }
  }
}
