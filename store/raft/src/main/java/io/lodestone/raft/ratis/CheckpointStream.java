package io.lodestone.raft.ratis;

import java.io.IOException;
import org.apache.ratis.thirdparty.io.grpc.stub.ServerCallStreamObserver;

/** Messages to a member that fetches a checkpoint: waits while it has enough to read. */
final class CheckpointStream implements CheckpointWriter.Messages {
  private final ServerCallStreamObserver<byte[]> member;
  private final Object ready = new Object();

  /** To be made while the call is being accepted. */
  CheckpointStream(ServerCallStreamObserver<byte[]> member) {
    this.member = member;
    member.setOnReadyHandler(this::wake);
    member.setOnCancelHandler(this::wake);
  }

  private void wake() {
    synchronized (ready) {
      ready.notifyAll();
    }
  }

  @Override
  public void send(byte[] message) throws IOException {
    synchronized (ready) {
      while (!member.isReady() && !member.isCancelled()) {
        try {
          ready.wait();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          throw new IOException("stopped while a checkpoint was sent", e);
        }
      }
    }
    if (member.isCancelled()) {
      throw new IOException("the other member no longer wants the checkpoint");
    }
    member.onNext(message);
  }
}
