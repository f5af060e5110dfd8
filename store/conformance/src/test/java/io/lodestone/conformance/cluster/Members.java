package io.lodestone.conformance.cluster;

import java.io.IOException;
import java.util.List;

/** A cluster whose members can be hurt one by one. Confined to one thread. */
interface Members extends AutoCloseable {
  /** {@code host:port} of each, running or not. */
  List<String> endpoints();

  /** SIGKILL. */
  void kill(int index);

  /** Starts it again, on the data it has. */
  void start(int index) throws IOException;

  long pid(int index);

  boolean isAlive(int index);

  /** Where the others reach it, {@code http://host:port}. */
  String peerUrl(int index);

  /** Deletes the data of one that does not run; it will be started as new to a living cluster. */
  void forget(int index) throws IOException;

  @Override
  void close();
}
