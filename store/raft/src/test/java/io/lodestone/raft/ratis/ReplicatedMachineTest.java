package io.lodestone.raft.ratis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lodestone.raft.Passage;
import io.lodestone.raft.Peer;
import io.lodestone.raft.RegisterFile;
import io.lodestone.raft.ratis.ReplicatedMachine.Checkpoint;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.ratis.proto.RaftProtos.FollowerInfoProto;
import org.apache.ratis.proto.RaftProtos.RaftPeerProto;
import org.apache.ratis.proto.RaftProtos.RoleInfoProto;
import org.apache.ratis.proto.RaftProtos.ServerRpcProto;
import org.apache.ratis.server.protocol.TermIndex;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What Ratis' updater relies on: it ends the member where it finds it broken. */
final class ReplicatedMachineTest {
  private static final long TERM = 3;
  private static final long KEPT = 20;

  @TempDir Path directory;

  private final Deque<Checkpoint> fetched = new ArrayDeque<>();
  private RegisterFile state;
  private ReplicatedMachine<String> machine;

  @BeforeEach
  void openMachine() throws IOException {
    state = new RegisterFile(directory.resolve("state"));
    machine =
        new ReplicatedMachine<>(
            state,
            new Answers<>(),
            new PositionFile(directory.resolve("position")),
            new Position(TERM, 10, 0),
            100,
            KEPT,
            new Silent());
  }

  /** As where another one comes while Ratis is about to load the first. */
  @Test
  void aCheckpointThatIsInstalledWhileOneIsLoadedIsLoadedOrComesNext() throws Exception {
    install(100);
    Thread loading = new Thread(machine::reinitialize, "updater");
    state.beforeInstall(
        () -> {
          loading.start();
          await().until(() -> loading.getState() == Thread.State.BLOCKED);
        });
    install(200);
    loading.join();
    assertLoaded(200);

    machine.pause();
    machine.reinitialize();
    assertLoaded(200);
  }

  @Test
  void aCheckpointThatIsInstalledBehindOneThatWasLoadedComesNext() throws Exception {
    install(100);
    machine.reinitialize();
    install(200);
    assertLoaded(100);

    machine.reinitialize();
    assertLoaded(200);
  }

  /** Ratis takes what it is told for its newest snapshot, and none that is older after that. */
  private void assertLoaded(long index) throws IOException {
    assertThat(machine.getLatestSnapshot().getIndex()).isEqualTo(index);
    assertThat(machine.getLastAppliedTermIndex()).isEqualTo(TermIndex.valueOf(TERM, index));
    assertThat(machine.takeSnapshot()).isEqualTo(index);
  }

  /** The leader's checkpoint up to an entry, which it no longer has. */
  private void install(long index) throws Exception {
    Path checkpoint = directory.resolve("checkpoint-" + index);
    new RegisterFile(directory.resolve("leader")).checkpoint(checkpoint);
    fetched.add(new Checkpoint(checkpoint, new Position(TERM, index, 0)));
    RaftPeerProto leader =
        RaftPeerProto.newBuilder()
            .setId(Peers.ratisId(2).toByteString())
            .setAddress("127.0.0.1:2380")
            .build();
    RoleInfoProto role =
        RoleInfoProto.newBuilder()
            .setFollowerInfo(
                FollowerInfoProto.newBuilder()
                    .setLeaderInfo(ServerRpcProto.newBuilder().setId(leader)))
            .build();
    TermIndex firstAvailable = TermIndex.valueOf(TERM, index + 1);
    assertThat(machine.notifyInstallSnapshotFromLeader(role, firstAvailable).join())
        .isEqualTo(TermIndex.valueOf(TERM, index));
  }

  private final class Silent implements ReplicatedMachine.Events {
    @Override
    public Passage installing() {
      return Passage.UNHEEDED;
    }

    @Override
    public void leaderChanged() {}

    @Override
    public void peersChanged(List<Peer> peers) {}

    @Override
    public void failed(Throwable cause) {
      throw new AssertionError(cause);
    }

    @Override
    public void removed() {}

    @Override
    public void logIsLong() {}

    @Override
    public CompletableFuture<Checkpoint> fetch(Peer leader) {
      return CompletableFuture.completedFuture(fetched.remove());
    }
  }
}
