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

  @Override
  void close();
}
