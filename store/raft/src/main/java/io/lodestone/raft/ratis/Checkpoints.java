package io.lodestone.raft.ratis;

import io.lodestone.raft.ConsensusException;
import io.lodestone.raft.ConsensusException.Reason;
import io.lodestone.raft.Peer;
import io.lodestone.raft.ratis.ReplicatedMachine.Checkpoint;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.ratis.thirdparty.io.grpc.StatusRuntimeException;
import org.apache.ratis.thirdparty.io.grpc.stub.ServerCallStreamObserver;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Checkpoints of the state on their way between members. A half one is never used: it has another
 * place than the state, and is deleted when the member starts. Thread-safe.
 */
final class Checkpoints {
  private static final Logger LOG = LoggerFactory.getLogger(Checkpoints.class);

  private final Path directory;
  private final ReplicatedMachine<?> machine;
  private final PeerCalls calls;
  private final PeerMethods methods;
  private final Executor executor;
  private final AtomicLong count = new AtomicLong();

  /** {@code executor} may be kept waiting. */
  Checkpoints(
      Path directory,
      ReplicatedMachine<?> machine,
      PeerCalls calls,
      PeerMethods methods,
      Executor executor) {
    this.directory = directory;
    this.machine = machine;
    this.calls = calls;
    this.methods = methods;
    this.executor = executor;
  }

  /** Begins with an empty directory. */
  static void clear(Path directory) throws IOException {
    Directories.delete(directory);
    Files.createDirectories(directory);
  }

  private Path place(String kind) {
    return directory.resolve(kind + "-" + count.incrementAndGet());
  }

  /** Sends the state to a member that asked for it. */
  void send(ServerCallStreamObserver<byte[]> member) {
    CheckpointStream stream = new CheckpointStream(member);
    executor.execute(() -> send(member, stream));
  }

  private void send(ServerCallStreamObserver<byte[]> member, CheckpointStream stream) {
    Path place = place("outgoing");
    try {
      Position position = machine.checkpoint(place);
      new CheckpointWriter(stream).write(position, place);
      member.onCompleted();
      LOG.atInfo().addKeyValue("index", position.index()).log("sent a checkpoint to a member");
    } catch (IOException e) {
      LOG.atWarn().setCause(e).log("cannot send a checkpoint to a member");
      if (!member.isCancelled()) {
        member.onError(PeerService.status(e).asRuntimeException());
      }
    } finally {
      discard(place);
    }
  }

  /** Fetches the state of {@code leader}. */
  CompletableFuture<Checkpoint> fetch(Peer leader) {
    return CompletableFuture.supplyAsync(() -> fetchNow(leader), executor);
  }

  private Checkpoint fetchNow(Peer leader) {
    Path place = place("incoming");
    try {
      Position position =
          new CheckpointReader(place).read(calls.stream(leader, methods.checkpoint()));
      LOG.atInfo()
          .addKeyValue("index", position.index())
          .log("received a checkpoint from the leader");
      return new Checkpoint(place, position);
    } catch (IOException e) {
      discard(place);
      throw new UncheckedIOException("cannot read the leader's checkpoint", e);
    } catch (StatusRuntimeException e) {
      discard(place);
      throw new ConsensusException(Reason.NO_PROGRESS, "cannot fetch the leader's checkpoint", e);
    }
  }

  private static void discard(Path place) {
    try {
      Directories.delete(place);
    } catch (IOException e) {
      LOG.atWarn().setCause(e).addKeyValue("directory", place).log("cannot delete a checkpoint");
    }
  }
}
