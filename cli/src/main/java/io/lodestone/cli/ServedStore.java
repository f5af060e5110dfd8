package io.lodestone.cli;

import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.lodestone.server.EmbeddedStore;
import java.io.IOException;
import java.nio.file.Path;

/** A store in this process, on a free port of loopback, and a channel to it. Thread-safe. */
final class ServedStore implements AutoCloseable {
  private final EmbeddedStore store;
  private final ManagedChannel channel;

  private ServedStore(EmbeddedStore store, ManagedChannel channel) {
    this.store = store;
    this.channel = channel;
  }

  /** Serves what is in {@code dataDir}, or begins anew there. */
  static ServedStore start(Path dataDir) throws IOException {
    EmbeddedStore store = EmbeddedStore.builder().dataDir(dataDir).start();
    return new ServedStore(store, channel(store));
  }

  /** To a store that serves; whoever asks for it ends it. */
  static ManagedChannel channel(EmbeddedStore store) {
    return Grpc.newChannelBuilder(store.target(), InsecureChannelCredentials.create())
        .maxInboundMessageSize(Integer.MAX_VALUE)
        .build();
  }

  /** For example {@code 127.0.0.1:34567}. */
  String endpoint() {
    return store.target();
  }

  ManagedChannel channel() {
    return channel;
  }

  @Override
  public void close() throws IOException {
    channel.shutdownNow();
    store.close();
  }
}
