package io.lodestone.server.transport;

import io.netty.channel.ChannelPipeline;

/** Serves the connections that do not speak HTTP/2. Thread-safe. */
@FunctionalInterface
public interface HttpSide {
  /** Adds handlers for HTTP/1.1 to the end of {@code pipeline}; bytes follow. */
  void install(ChannelPipeline pipeline);
}
