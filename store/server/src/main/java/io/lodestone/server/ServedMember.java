package io.lodestone.server;

import io.lodestone.server.transport.ListenUrl;
import java.util.List;

/** A member that serves clients, alone or with others. Thread-safe. */
interface ServedMember extends AutoCloseable {
  /** Where clients connect, with the ports that were taken. */
  List<ListenUrl> clientUrls();

  /** What was acknowledged is on disk when this returns. */
  @Override
  void close();
}
