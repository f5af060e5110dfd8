package io.lodestone.conformance;

import io.lodestone.server.StoreServer;
import io.lodestone.server.config.StoreConfig;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** Our store as a process of its own, told what to do by etcd's flags; ends on SIGTERM. */
public final class StoreProcess {
  private StoreProcess() {}

  public static void main(String[] flags) throws IOException, InterruptedException {
    StoreServer server = StoreServer.start(StoreConfig.read(List.of(flags), System.getenv()));
    Runtime.getRuntime().addShutdownHook(new Thread(server::close, "stop"));
    new CountDownLatch(1).await();
  }
}
