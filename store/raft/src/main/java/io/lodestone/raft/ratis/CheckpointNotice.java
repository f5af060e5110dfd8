package io.lodestone.raft.ratis;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * Tells the leader that a checkpoint is in place here while Ratis still waits for it. Ratis looks
 * only when it is notified once more, and takes no entries until then; a leader that came in the
 * meantime and has all entries that are needed would never notify. For one thread.
 */
final class CheckpointNotice {
  private final ReplicatedMachine<?> machine;
  private final long self;
  private final Supplier<Route> leader;
  private final PeerCalls calls;
  private final PeerMethods methods;
  private final Duration patience;
  private CompletableFuture<byte[]> last = CompletableFuture.completedFuture(PeerMethods.NOTHING);

  CheckpointNotice(
      ReplicatedMachine<?> machine,
      long self,
      Supplier<Route> leader,
      PeerCalls calls,
      PeerMethods methods,
      Duration patience) {
    this.machine = machine;
    this.self = self;
    this.leader = leader;
    this.calls = calls;
    this.methods = methods;
    this.patience = patience;
  }

  /**
   * What is told.
   *
   * @param index the entry that the notification named with which {@code member} began
   */
  record Content(long member, long index) {
    byte[] toBytes() {
      return ByteBuffer.allocate(2 * Long.BYTES).putLong(member).putLong(index).array();
    }

    static Content of(byte[] bytes) {
      ByteBuffer buffer = ByteBuffer.wrap(bytes);
      return new Content(buffer.getLong(), buffer.getLong());
    }
  }

  /** To be called regularly. */
  void look() {
    machine.unnoticed().ifPresent(this::tell);
  }

  private void tell(long index) {
    if (last.isDone() && leader.get() instanceof Route.There there) {
      byte[] notice = new Content(self, index).toBytes();
      last = calls.call(there.leader(), methods.inPlace(), notice, patience);
    }
  }
}
