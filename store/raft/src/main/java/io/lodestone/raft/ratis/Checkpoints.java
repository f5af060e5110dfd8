package io.lodestone.raft.ratis;

import io.lodestone.raft.ConsensusException;
import io.lodestone.raft.ConsensusException.Reason;
import io.lodestone.raft.ConsensusListener;
import io.lodestone.raft.Passage;
import io.lodestone.raft.Peer;
import io.lodestone.raft.ratis.ReplicatedMachine.Checkpoint;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Iterator;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.ratis.thirdparty.io.grpc.Context;
import org.apache.ratis.thirdparty.io.grpc.StatusRuntimeException;
import org.apache.ratis.thirdparty.io.grpc.stub.ServerCallStreamObserver;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Checkpoints of the state on their way between members. A half one is never used: it has another
 * place than the state, and is deleted when the member starts. One that does not come on, or comes
 * from a member that no longer leads, is given up, since Ratis asks for no other one meanwhile.
 * Thread-safe.
 */
final class Checkpoints {
  private static final Logger LOG = LoggerFactory.getLogger(Checkpoints.class);

  private final Path directory;
  private final ReplicatedMachine<?> machine;
  private final PeerCalls calls;
  private final PeerMethods methods;
  private final long self;
  private final ConsensusListener listener;
  private final Executor executor;
  private final Duration patience;
  private final AtomicLong count = new AtomicLong();
  private final Set<Fetch> fetches = ConcurrentHashMap.newKeySet();

  /**
   * @param self this member
   * @param executor may be kept waiting
   * @param patience for the next message of a checkpoint that is fetched
   */
  Checkpoints(
      Path directory,
      ReplicatedMachine<?> machine,
      PeerCalls calls,
      PeerMethods methods,
      long self,
      ConsensusListener listener,
      Executor executor,
      Duration patience) {
    this.directory = directory;
    this.machine = machine;
    this.calls = calls;
    this.methods = methods;
    this.self = self;
    this.listener = listener;
    this.executor = executor;
    this.patience = patience;
  }

  /** One on its way from {@code leader}, with the context that its call ends with. */
  private static final class Fetch implements Iterator<byte[]> {
    private final Peer leader;
    private final Context.CancellableContext context = Context.ROOT.withCancellation();
    private final Iterator<byte[]> messages;
    private volatile long heardNanos = System.nanoTime();

    Fetch(PeerCalls calls, PeerMethods methods, Peer leader, long self) {
      this.leader = leader;
      Context before = context.attach();
      try {
        this.messages = calls.stream(leader, methods.checkpoint(), whoAsks(self));
      } finally {
        context.detach(before);
      }
    }

    @Override
    public boolean hasNext() {
      boolean more = messages.hasNext();
      heardNanos = System.nanoTime();
      return more;
    }

    @Override
    public byte[] next() {
      return messages.next();
    }

    void giveUp(String why) {
      context.cancel(new IOException("member " + Long.toHexString(leader.id()) + " " + why));
    }
  }

  /**
   * Gives up what will not come; to be called now and then.
   *
   * @param leader 0 where none is known
   */
  void look(long nowNanos, long leader) {
    for (Fetch fetch : fetches) {
      if (leader != 0 && leader != fetch.leader.id()) {
        fetch.giveUp("no longer leads");
      } else if (nowNanos - fetch.heardNanos > patience.toNanos()) {
        fetch.giveUp("sends nothing more");
      }
    }
  }

  /** Begins with an empty directory. */
  static void clear(Path directory) throws IOException {
    Directories.delete(directory);
    Files.createDirectories(directory);
  }

  private Path place(String kind) {
    return directory.resolve(kind + "-" + count.incrementAndGet());
  }

  /** A request for a checkpoint: the id of the member that asks. */
  private static byte[] whoAsks(long member) {
    return ByteBuffer.allocate(Long.BYTES).putLong(member).array();
  }

  /** 0 for a member of before, which does not say. */
  private static long whoAsks(byte[] request) {
    return request.length < Long.BYTES ? 0 : ByteBuffer.wrap(request).getLong();
  }

  /** Sends the state to a member that asked for it. */
  void send(byte[] request, ServerCallStreamObserver<byte[]> member) {
    CheckpointStream stream = new CheckpointStream(member);
    executor.execute(() -> send(whoAsks(request), member, stream));
  }

  private void send(long id, ServerCallStreamObserver<byte[]> member, CheckpointStream stream) {
    Path place = place("outgoing");
    Passage passage = listener.sending(id);
    boolean whole = false;
    try {
      Position position = machine.checkpoint(place);
      new CheckpointWriter(stream).write(position, place);
      member.onCompleted();
      whole = true;
      LOG.atInfo().addKeyValue("index", position.index()).log("sent a checkpoint to a member");
    } catch (IOException e) {
      LOG.atWarn().setCause(e).log("cannot send a checkpoint to a member");
      if (!member.isCancelled()) {
        member.onError(PeerService.status(e).asRuntimeException());
      }
    } finally {
      passage.ended(whole);
      discard(place);
    }
  }

  /** Fetches the state of {@code leader}. */
  CompletableFuture<Checkpoint> fetch(Peer leader) {
    return CompletableFuture.supplyAsync(() -> fetchNow(leader), executor);
  }

  private Checkpoint fetchNow(Peer leader) {
    Path place = place("incoming");
    Fetch fetch = new Fetch(calls, methods, leader, self);
    fetches.add(fetch);
    Passage passage = listener.receiving(leader.id());
    boolean whole = false;
    try {
      Position position = new CheckpointReader(place).read(fetch);
      whole = true;
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
    } finally {
      passage.ended(whole);
      fetches.remove(fetch);
      fetch.context.cancel(null);
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
