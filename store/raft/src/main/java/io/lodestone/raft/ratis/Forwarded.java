package io.lodestone.raft.ratis;

import io.lodestone.raft.ConsensusException;
import io.lodestone.raft.ConsensusException.Reason;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Commands of another member, which took this one for the leader. Thread-safe. */
final class Forwarded implements Parcel {
  private final long member;
  private final byte[] commands;
  private final CompletableFuture<byte[]> taken = new CompletableFuture<>();

  /** Out of a message as {@link #message} makes it. */
  Forwarded(byte[] message) {
    this.member = ByteBuffer.wrap(message).getLong();
    this.commands = Arrays.copyOfRange(message, Long.BYTES, message.length);
  }

  /** What goes to the leader: who sends, then encoded commands. */
  static byte[] message(long member, List<byte[]> commands, int sizeBytes) {
    ByteBuffer out = ByteBuffer.allocate(Long.BYTES + sizeBytes).putLong(member);
    commands.forEach(out::put);
    return out.array();
  }

  /** Who sent it. */
  long member() {
    return member;
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
