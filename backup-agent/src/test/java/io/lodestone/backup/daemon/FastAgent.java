package io.lodestone.backup.daemon;

import io.lodestone.backup.config.AgentConfigFile;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/** The agent as a process whose time flies: its settings and its clock's terms are arguments. */
final class FastAgent {
  private FastAgent() {}

  public static void main(String[] arguments) throws InterruptedException {
    FastClock clock = FastClock.parse(arguments[1]);
    AgentConfigFile settings = new AgentConfigFile(Path.of(arguments[0]), Map.of());
    AgentDaemon daemon = AgentDaemon.start(settings, clock, new FastSchedules(clock));
    Runtime.getRuntime().addShutdownHook(new Thread(daemon::close, "shutdown"));
    new CountDownLatch(1).await();
  }
}
