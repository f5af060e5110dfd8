package io.lodestone.client.lockstep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.lodestone.api.LeaseId;
import io.lodestone.api.LodestoneException;
import io.lodestone.etcdfile.member.ClusterSpec;
import io.lodestone.etcdfile.member.MemberDirectorySink;
import io.lodestone.etcdfile.member.MemberSpec;
import io.lodestone.peers.EtcdCluster;
import io.lodestone.peers.EtcdRelease;
import io.lodestone.revisions.CopyRules;
import io.lodestone.revisions.LeasePolicy;
import io.lodestone.revisions.Origin;
import io.lodestone.revisions.RandomHistory;
import io.lodestone.revisions.StreamItem;
import io.lodestone.revisions.StreamItem.AuthState;
import io.lodestone.revisions.StreamItem.BaseStart;
import io.lodestone.revisions.StreamItem.Complete;
import io.lodestone.revisions.StreamItem.LeaseGone;
import io.lodestone.revisions.StreamItem.LeaseState;
import io.lodestone.revisions.StreamItem.Reason;
import io.lodestone.revisions.StreamItem.RoleState;
import io.lodestone.revisions.StreamItem.UserState;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Replays into stock etcd, held against what the history itself hashes to. */
@Tag("once")
final class LockstepSinkTest {
  private static final LeaseId LEASE = new LeaseId(0x77);

  @TempDir Path folder;

  private Destination fresh(String minor, String... flags) throws Exception {
    return new Destination(
        EtcdCluster.of(EtcdRelease.of(minor), folder.resolve("etcd")).flags(flags).start());
  }

  /** The contract of every sink, with the base in directories and the tail in lockstep. */
  @ParameterizedTest
  @CsvSource({"3.4,1", "3.4,2", "3.5,3", "3.5,4"})
  void anyHistoryKeepsItsDigestBehindASeededBase(String minor, long seed) throws Exception {
    RandomHistory history = new RandomHistory(seed);
    List<StreamItem> items = withoutUsers(history.stream(60, 200));
    int endOfBase = indexOfBasesEnd(items) + 1;
    EtcdCluster.Plan plan =
        EtcdCluster.of(EtcdRelease.of(minor), folder.resolve("etcd"))
            .flags("--experimental-enable-lease-checkpoint");
    seed(plan, items.subList(0, endOfBase));
    try (Destination destination = new Destination(plan.start());
        LockstepSink sink = destination.sink()) {
      assertThat(sink.revision()).isEqualTo(60);
      assertThat(Destination.replay(sink, items.subList(endOfBase, items.size()))).isEqualTo(200);
      for (long revision = history.compacted() + 1; revision <= 200; revision++) {
        destination.assertHash(history.rows(), history.compacted(), revision);
      }
      assertThat(destination.connection.leases()).containsAll(history.leases().keySet());
      history
          .leases()
          .forEach(
              (id, lease) ->
                  assertThat(destination.timeToLive(id).getGrantedTTL())
                      .isEqualTo(lease.grantedTtlSeconds()));
    }
  }

  /** The users of a random history have no passwords that anybody could log in with. */
  private static List<StreamItem> withoutUsers(List<StreamItem> items) {
    return items.stream()
        .filter(
            item ->
                !(item instanceof AuthState
                    || item instanceof UserState
                    || item instanceof RoleState))
        .toList();
  }

  private static int indexOfBasesEnd(List<StreamItem> items) {
    int index = 0;
    while (!(items.get(index) instanceof Complete)) {
      index++;
    }
    return index;
  }

  private static void seed(EtcdCluster.Plan plan, List<StreamItem> base) throws Exception {
    List<MemberSpec> members = new ArrayList<>();
    Map<String, Path> directories = new HashMap<>();
    plan.peerUrls()
        .forEach(
            (name, url) -> {
              members.add(new MemberSpec(name, List.of(url)));
              directories.put(name, plan.dataDir(name));
            });
    Files.createDirectories(plan.dataDir("m1").getParent());
    try (MemberDirectorySink sink =
        new MemberDirectorySink(
            new ClusterSpec(plan.token(), members),
            directories,
            new CopyRules(LeasePolicy.HOLD, 0))) {
      for (StreamItem item : base) {
        sink.accept(item);
      }
      sink.commit();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"3.4", "3.5"})
  void oneRevisionOfNineThousandChangesNeedsNoLargerLimits(String minor) throws Exception {
    MadeHistory history = new MadeHistory();
    try (Destination destination = fresh(minor);
        LockstepSink sink = destination.sink()) {
      for (int i = 0; i < 9000; i++) {
        history.put("k" + i, "v");
        if (i % 100 == 0) {
          history.delete("k" + i);
        }
      }
      assertThat(Destination.replay(sink, history.commit())).isEqualTo(2);
      destination.assertHash(history.rows(), -1, 2);
    }
  }

  @Test
  void deletionsTooLargeForOneRequestBecomeARange() throws Exception {
    MadeHistory history = new MadeHistory();
    try (Destination destination = fresh("3.5");
        LockstepSink sink = destination.sink()) {
      for (int batch = 0; batch < 3; batch++) {
        for (int i = 0; i < 1000; i++) {
          history.put(longKey(batch, i), "v");
        }
        Destination.replay(sink, history.put("between", "b" + batch).commit());
      }
      for (int batch = 0; batch < 3; batch++) {
        for (int i = 0; i < 1000; i++) {
          history.delete(longKey(batch, i));
        }
      }
      assertThat(Destination.replay(sink, history.commit())).isEqualTo(5);
      destination.assertHash(history.rows(), -1, 5);
    }
  }

  /** 700 bytes, ascending. */
  private static String longKey(int batch, int i) {
    return String.format("key/%d/%04d/", batch, i) + "x".repeat(690);
  }

  @Test
  void deletionsBetweenKeysThatStayAreRepeatedOneByOne() throws Exception {
    MadeHistory history = new MadeHistory();
    try (Destination destination = fresh("3.4");
        LockstepSink sink = destination.sink()) {
      for (int i = 0; i < 3000; i++) {
        history.put(String.format("k%04d", i), "v");
      }
      Destination.replay(sink, history.commit());
      for (int i = 0; i < 3000; i += 2) {
        history.delete(String.format("k%04d", i));
      }
      Destination.replay(sink, history.commit());
      destination.assertHash(history.rows(), -1, 2);
      destination.assertHash(history.rows(), -1, 3);
    }
  }

  @Test
  void aForeignWriteStopsTheReplay() throws Exception {
    MadeHistory history = new MadeHistory();
    try (Destination destination = fresh("3.5");
        LockstepSink sink = destination.sink()) {
      Destination.replay(sink, history.put("a", "1").commit());
      destination.put("foreign");
      List<StreamItem> next = history.put("b", "2").commit();
      assertThatThrownBy(() -> Destination.replay(sink, next))
          .isInstanceOf(DivergedException.class)
          .hasMessageContaining("is at revision 4")
          .hasMessageContaining("somebody else wrote");
    }
  }

  @Test
  void aForeignWriteStopsTheReplayOfSeveralRevisions() throws Exception {
    MadeHistory history = new MadeHistory();
    try (Destination destination = fresh("3.5");
        LockstepSink sink = destination.sink()) {
      Destination.replay(sink, history.put("a", "1").commit());
      destination.put("foreign");
      List<StreamItem> next = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        next.addAll(history.put("b" + i, "2").commit());
      }
      assertThatThrownBy(() -> Destination.replay(sink, next))
          .isInstanceOf(DivergedException.class)
          .hasMessageContaining("somebody else wrote");
    }
  }

  /** Any order of requests under way together, of keys that look the same in several states. */
  @ParameterizedTest
  @ValueSource(strings = {"3.4", "3.5"})
  void keysThatComeAndGoInEachRevisionAreRepeatedInOrder(String minor) throws Exception {
    Random random = new Random(7);
    MadeHistory history = new MadeHistory();
    Set<String> live = new HashSet<>();
    List<StreamItem> items = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      for (String key : List.of("a", "b", "c" + random.nextInt(20))) {
        boolean change = random.nextBoolean() || key.startsWith("c");
        if (change && live.remove(key)) {
          history.delete(key);
        } else if (change) {
          live.add(key);
          history.put(key, "v" + i);
        }
      }
      items.addAll(history.commit());
    }
    try (Destination destination = fresh(minor);
        LockstepSink sink = destination.sink()) {
      assertThat(Destination.replay(sink, items)).isEqualTo(history.revision());
      for (long revision = 2; revision <= history.revision(); revision += 7) {
        destination.assertHash(history.rows(), -1, revision);
      }
      destination.assertHash(history.rows(), -1, history.revision());
    }
  }

  @Test
  void aRepeatedRevisionDoesNotCountTwice() throws Exception {
    MadeHistory history = new MadeHistory();
    List<StreamItem> first = history.put("a", "1").put("b", "1").delete("a").commit();
    try (Destination destination = fresh("3.5");
        LockstepSink sink = destination.sink();
        LockstepSink late = destination.sink()) {
      Destination.replay(sink, first);
      assertThatThrownBy(() -> Destination.replay(late, first))
          .isInstanceOf(DivergedException.class);
      assertThat(destination.connection.revision()).isEqualTo(2);
    }
  }

  @ParameterizedTest
  @CsvSource({"3.4,20", "3.5,1", "3.5,20"})
  void aDestinationKilledWhileItIsReplayedIntoLosesAndRepeatsNothing(String minor, int together)
      throws Exception {
    MadeHistory history = new MadeHistory();
    try (Destination destination = fresh(minor);
        LockstepSink sink = destination.sink()) {
      for (int kill = 0; kill < 2; kill++) {
        long ahead = history.revision() + 200;
        CompletableFuture<Void> killed =
            CompletableFuture.runAsync(() -> destination.killAndRestartAt(ahead));
        while (!killed.isDone() || history.revision() < 600) {
          List<StreamItem> next = new ArrayList<>();
          for (int i = 0; i < together; i++) {
            next.addAll(history.put("k" + history.revision() % 50, "v").commit());
          }
          assertThat(Destination.replay(sink, next)).isEqualTo(history.revision());
        }
        killed.join();
      }
      for (long revision : new long[] {2, 100, history.revision() / 2, history.revision()}) {
        destination.assertHash(history.rows(), -1, revision);
      }
    }
  }

  @Test
  void whatIsTooLargeStopsTheReplayUntilTheLimitIsRaised() throws Exception {
    MadeHistory history = new MadeHistory();
    ByteString large = ByteString.copyFrom(new byte[3 << 20]);
    List<StreamItem> items = new ArrayList<>(history.put("a", "1").commit());
    items.addAll(history.put("large", large, 0).commit());
    try (Destination destination = fresh("3.5");
        LockstepSink sink = destination.sink()) {
      assertThatThrownBy(() -> Destination.replay(sink, items))
          .isInstanceOfSatisfying(
              LodestoneException.class,
              failure -> assertThat(failure.hint()).contains("--max-request-bytes"))
          .hasMessageContaining("revision 3");
      assertThat(destination.connection.revision()).isEqualTo(2);
    }
    try (Destination raised = fresh("3.5", "--max-request-bytes=8388608");
        LockstepSink sink = raised.sink()) {
      assertThat(Destination.replay(sink, items.subList(2, items.size()))).isEqualTo(3);
      raised.assertHash(history.rows(), -1, 3);
    }
  }

  @Test
  void aQuotaStopsTheReplayWithItsStateIntact() throws Exception {
    MadeHistory history = new MadeHistory();
    ByteString big = ByteString.copyFrom(new byte[1 << 20]);
    try (Destination destination = fresh("3.5", "--quota-backend-bytes=8388608");
        LockstepSink sink = destination.sink()) {
      assertThatThrownBy(
              () -> {
                // etcd looks at what it last committed, ten times a second
                for (int i = 0; i < 200; i++) {
                  Destination.replay(sink, history.put("k" + i, big, 0).commit());
                }
              })
          .isInstanceOfSatisfying(
              LodestoneException.class,
              failure -> assertThat(failure.hint()).contains("--quota-backend-bytes"));
      assertThat(destination.connection.revision()).isEqualTo(history.revision() - 1);
      destination.assertHash(history.rows(), -1, history.revision() - 1);
    }
  }

  @Test
  void leasesLiveAsLongAsTheSourcesDo() throws Exception {
    MadeHistory history = new MadeHistory();
    try (Destination destination = fresh("3.5");
        LockstepSink sink = destination.sink()) {
      sink.accept(new LeaseState(LEASE, 2, 1));
      Destination.replay(sink, history.put("leased", ByteString.EMPTY, LEASE.value()).commit());
      Instant granted = Instant.now();
      await()
          .atMost(Destination.PATIENCE)
          .pollDelay(Duration.ZERO)
          .until(
              () -> {
                assertThat(destination.connection.revision()).isEqualTo(2);
                return Duration.between(granted, Instant.now()).toSeconds() >= 5;
              });
      sink.accept(new LeaseGone(LEASE));
      sink.commit();
      Destination.replay(sink, history.delete("leased").commit());
      await()
          .atMost(Destination.PATIENCE)
          .until(
              () -> {
                sink.commit();
                return destination.timeToLive(LEASE).getTTL() < 0;
              });
      destination.assertHash(history.rows(), -1, 3);
    }
  }

  @Test
  void aLeaseThatNobodyToldOfIsGrantedWhenAKeyNamesIt() throws Exception {
    MadeHistory history = new MadeHistory();
    try (Destination destination = fresh("3.4");
        LockstepSink sink = destination.sink()) {
      Destination.replay(sink, history.put("leased", ByteString.EMPTY, LEASE.value()).commit());
      assertThat(destination.timeToLive(LEASE).getGrantedTTL()).isEqualTo(60);
      assertThatThrownBy(() -> sink.alignLeases(Set.of()))
          .hasMessageContaining("has keys on the destination");
      Destination.replay(sink, history.delete("leased").commit());
      sink.alignLeases(Set.of());
      assertThat(destination.timeToLive(LEASE).getTTL()).isEqualTo(-1);
      assertThat(destination.connection.revision()).isEqualTo(3);
    }
  }

  @Test
  void aBaseIsRefused() throws Exception {
    try (Destination destination = fresh("3.5");
        LockstepSink sink = destination.sink()) {
      assertThatThrownBy(
              () -> sink.accept(new BaseStart(Origin.UNKNOWN, Instant.EPOCH, Reason.AUTH_CHANGED)))
          .hasMessageContaining("AUTH_CHANGED")
          .hasMessageContaining("behind revision 1");
    }
  }
}
