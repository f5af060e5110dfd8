package io.lodestone.client;

/** Hears how a snapshot is coming along; called often, on the thread that receives it. */
@FunctionalInterface
public interface SnapshotProgress {
  SnapshotProgress SILENT = (receivedBytes, remainingBytes) -> {};

  void received(long receivedBytes, long remainingBytes);
}
