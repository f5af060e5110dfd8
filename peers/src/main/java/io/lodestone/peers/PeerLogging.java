package io.lodestone.peers;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ConfiguratorRank;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.spi.ContextAwareBase;
import org.slf4j.Logger;

/**
 * What tests and the processes they start say: warnings of ours and errors of others, on standard
 * error. Logback finds it as a service; in code, since an XML file takes a sixth of such a process'
 * start to read. A program's own logging comes first.
 */
@ConfiguratorRank(ConfiguratorRank.CUSTOM_NORMAL_PRIORITY)
public final class PeerLogging extends ContextAwareBase implements Configurator {
  private static final String PATTERN = "%d{HH:mm:ss.SSS} %-5level %logger{0} %msg %kvp%n";

  /** Made by Logback. */
  public PeerLogging() {}

  @Override
  public ExecutionStatus configure(LoggerContext logging) {
    logging.getLogger(Logger.ROOT_LOGGER_NAME).setLevel(Level.ERROR);
    logging.getLogger(Logger.ROOT_LOGGER_NAME).addAppender(standardError(logging, PATTERN));
    logging.getLogger("io.lodestone").setLevel(Level.WARN);
    return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
  }

  /** What writes to standard error, started. */
  public static ConsoleAppender<ILoggingEvent> standardError(
      LoggerContext logging, String pattern) {
    PatternLayoutEncoder encoder = new PatternLayoutEncoder();
    encoder.setContext(logging);
    encoder.setPattern(pattern);
    encoder.start();
    ConsoleAppender<ILoggingEvent> stderr = new ConsoleAppender<>();
    stderr.setContext(logging);
    stderr.setTarget("System.err");
    stderr.setEncoder(encoder);
    stderr.start();
    return stderr;
  }
}
