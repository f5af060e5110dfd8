package io.lodestone.conformance.gateway;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Reads the body of a reply that may never end. A thread of its own reads, the caller waits. */
final class Body {
  static final String STILL_OPEN = "(still open)";

  private final BlockingQueue<Optional<String>> read = new LinkedBlockingQueue<>();

  private Body() {}

  /**
   * All of {@code in}, or its first {@code lines} lines where that is not 0; ends in {@link
   * #STILL_OPEN} where nothing more comes for so long.
   */
  static String read(InputStream in, int lines, Duration patience) throws InterruptedException {
    Body body = new Body();
    Thread reader = new Thread(() -> body.fill(in), "body of a reply");
    reader.setDaemon(true);
    reader.start();
    StringBuilder text = new StringBuilder();
    for (int i = 0; lines == 0 || i < lines; i++) {
      Optional<String> line = body.read.poll(patience.toMillis(), TimeUnit.MILLISECONDS);
      if (line == null) {
        return text + STILL_OPEN;
      }
      if (line.isEmpty()) {
        return text.toString();
      }
      text.append(line.get()).append('\n');
    }
    return text.toString();
  }

  private void fill(InputStream in) {
    try {
      BufferedReader reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
      String line = reader.readLine();
      while (line != null) {
        read.add(Optional.of(line));
        line = reader.readLine();
      }
    } catch (IOException e) {
      // Either the caller has had enough and closed the stream, or the reply broke off; only the
      // second is still read by somebody.
      read.add(Optional.of("(broke off)"));
    }
    read.add(Optional.empty());
  }
}
