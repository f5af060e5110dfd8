package io.lodestone.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ConfiguratorRank;
import ch.qos.logback.core.spi.ContextAwareBase;
import io.lodestone.peers.PeerLogging;
import java.util.List;
import java.util.Optional;

/**
 * Where the program's log goes, and how it looks, unless {@code -Dlogback.configurationFile} says
 * otherwise. Logback finds it as a service; in code, since an XML file takes it longer to read than
 * some commands last.
 */
@ConfiguratorRank(ConfiguratorRank.CUSTOM_HIGH_PRIORITY)
public final class ProgramLogging extends ContextAwareBase implements Configurator {
  /** Of a line of the log. */
  static final String PATTERN =
      "%d{yyyy-MM-dd'T'HH:mm:ss.SSS'Z', UTC} %-5level %logger{0}:"
          + " %msg%replace( %kvp){'^ $', ''}%n%ex{short}";

  /** The logger above all of ours. */
  static final String OURS = "io.lodestone";

  private static final String RATIS = "org.apache.ratis";

  /** Who ends a member of a cluster, and logs the reason. */
  private static final List<String> GIVING_UP =
      List.of(".server.impl.StateMachineUpdater", ".server.impl.LeaderElection");

  /** Kept, since {@code java.util.logging} forgets a logger that nobody holds. */
  private static final java.util.logging.Logger RATIS_LIBRARIES =
      java.util.logging.Logger.getLogger(RATIS);

  private static final String LEVEL = "LODESTONE_LOG_LEVEL";

  /** Made by Logback. */
  public ProgramLogging() {}

  @Override
  public ExecutionStatus configure(LoggerContext logging) {
    if (System.getProperty("logback.configurationFile") != null) {
      return ExecutionStatus.INVOKE_NEXT_IF_ANY;
    }
    Logger root = logging.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    root.setLevel(Level.WARN);
    root.addAppender(PeerLogging.standardError(logging, PATTERN));
    String level = Optional.ofNullable(System.getProperty(LEVEL)).orElse(System.getenv(LEVEL));
    logging.getLogger(OURS).setLevel(Level.toLevel(level, Level.INFO));
    // What matters of it is told by our own loggers, but for why it has given up.
    logging.getLogger(RATIS).setLevel(Level.OFF);
    GIVING_UP.forEach(end -> logging.getLogger(RATIS + end).setLevel(Level.ERROR));
    RATIS_LIBRARIES.setLevel(java.util.logging.Level.OFF);
    return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
  }
}
