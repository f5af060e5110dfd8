package io.lodestone.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.FileAppender;
import ch.qos.logback.core.OutputStreamAppender;
import ch.qos.logback.core.encoder.Encoder;
import ch.qos.logback.core.encoder.EncoderBase;
import io.lodestone.server.config.LogConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.LoggerFactory;

/** Sends the log of a store where its flags say. Confined to one thread. */
final class StoreLogging {
  private final LoggerContext context;
  private final LogConfig config;

  private StoreLogging(LoggerContext context, LogConfig config) {
    this.context = context;
    this.config = config;
  }

  /** From now on. Fails, and changes nothing, where a file cannot be written. */
  static void use(LogConfig config) throws IOException {
    if (LoggerFactory.getILoggerFactory() instanceof LoggerContext context) {
      new StoreLogging(context, config).use();
    }
  }

  private void use() throws IOException {
    List<OutputStreamAppender<ILoggingEvent>> outputs = new ArrayList<>();
    for (String output : config.outputs()) {
      outputs.add(appender(output));
    }
    Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    root.detachAndStopAllAppenders();
    for (OutputStreamAppender<ILoggingEvent> output : outputs) {
      output.setEncoder(encoder());
      start(output);
      root.addAppender(output);
    }
    Level level = level();
    root.setLevel(level.isGreaterOrEqual(Level.WARN) ? level : Level.WARN);
    context.getLogger(ProgramLogging.OURS).setLevel(level);
  }

  /** Nothing here is graver than an error, so that panic and fatal leave nothing. */
  private Level level() {
    return switch (config.level()) {
      case DEBUG -> Level.DEBUG;
      case INFO -> Level.INFO;
      case WARN -> Level.WARN;
      case ERROR -> Level.ERROR;
      case PANIC, FATAL -> Level.OFF;
    };
  }

  private static OutputStreamAppender<ILoggingEvent> appender(String output) throws IOException {
    return switch (output) {
      case "default", "stderr" -> console("System.err");
      case "stdout" -> console("System.out");
      default -> file(Path.of(output));
    };
  }

  private static ConsoleAppender<ILoggingEvent> console(String target) {
    ConsoleAppender<ILoggingEvent> console = new ConsoleAppender<>();
    console.setTarget(target);
    return console;
  }

  /** What the file has already stays. */
  private static FileAppender<ILoggingEvent> file(Path path) throws IOException {
    Files.newOutputStream(path, StandardOpenOption.CREATE, StandardOpenOption.APPEND).close();
    FileAppender<ILoggingEvent> file = new FileAppender<>();
    file.setFile(path.toString());
    return file;
  }

  private Encoder<ILoggingEvent> encoder() {
    EncoderBase<ILoggingEvent> encoder =
        switch (config.format()) {
          case JSON -> new JsonLines();
          case CONSOLE -> console();
        };
    encoder.setContext(context);
    encoder.start();
    return encoder;
  }

  private static PatternLayoutEncoder console() {
    PatternLayoutEncoder encoder = new PatternLayoutEncoder();
    encoder.setPattern(ProgramLogging.PATTERN);
    return encoder;
  }

  private void start(OutputStreamAppender<ILoggingEvent> output) {
    output.setContext(context);
    output.start();
  }
}
