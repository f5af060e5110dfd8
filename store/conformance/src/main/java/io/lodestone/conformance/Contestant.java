package io.lodestone.conformance;

import java.io.IOException;

/**
 * A running server of one member, known by its client endpoint only. Confined to one thread; {@link
 * #close} stops it, twice is harmless.
 */
public interface Contestant extends AutoCloseable {

  /** Who this is, for reports, for example {@code etcd 3.5.30}. */
  String name();

  /** {@code host:port} of the client port, which answers gRPC and HTTP over plain text. */
  String endpoint();

  /** Ends the server without giving it a chance to finish anything. */
  void kill();

  /**
   * Starts it again on the same data directory and ports, after {@link #kill} or while it runs;
   * returns when it answers.
   */
  void restart() throws IOException, InterruptedException;

  @Override
  void close();
}
