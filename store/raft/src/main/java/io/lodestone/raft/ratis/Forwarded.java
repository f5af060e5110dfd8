package io.lodestone.raft.ratis;

import io.lodestone.raft.ConsensusException;
import io.lodestone.raft.ConsensusException.Reason;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;

/** Commands of another member, which took this one for the leader. Thread-safe. */
final class Forwarded implements Parcel {
  private final byte[] commands;
  private final CompletableFuture<byte[]> taken = new CompletableFuture<>();

  /** Of an entry, as the other member has packed it. */
  Forwarded(byte[] entry) {
    this.commands = Arrays.copyOfRange(entry, 1, entry.length);
  }

  /** Completes once they are proposed; fails with NO_LEADER where they certainly are not. */
  CompletableFuture<byte[]> taken() {
    return taken;
  }

  @Override
  public byte[] commands() {
    return commands;
  }

  @Override
  public boolean stays() {
    return true;
  }

  @Override
  public boolean take() {
    return !taken.isDone();
  }

  @Override
  public void refused() {
    taken.completeExceptionally(
        new ConsensusException(Reason.NO_LEADER, "this member does not lead, or is too busy"));
  }

  @Override
  public void proposed() {
    taken.complete(PeerMethods.NOTHING);
  }
}
