package io.lodestone.conformance;

import io.lodestone.server.StoreServer;
import io.lodestone.server.config.StoreConfig;
import java.io.IOException;
import java.util.List;

/**
 * Our store as a process of its own, told what to do by etcd's flags; ends on SIGTERM, and where
 * the store ends by itself.
 */
public final class StoreProcess {
  private StoreProcess() {}

  public static void main(String[] flags) throws IOException {
    StoreServer server = StoreServer.start(StoreConfig.read(List.of(flags), System.getenv()));
    Runtime.getRuntime().addShutdownHook(new Thread(server::close, "stop"));
    server.ended().join();
    System.exit(0);
  }
}
