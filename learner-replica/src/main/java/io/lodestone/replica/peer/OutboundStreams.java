package io.lodestone.replica.peer;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The streams that members have opened here. They want to hear of us; we post what we have to say,
 * so that these only say that we live. Thread-safe.
 */
final class OutboundStreams {
  private static final Logger LOG = LoggerFactory.getLogger(OutboundStreams.class);

  private final Map<OutputStream, StreamKind> open = new ConcurrentHashMap<>();

  /** Takes an answer that was begun, and its first sign of life at once. */
  void add(OutputStream out, StreamKind kind) {
    if (isAlive(out, kind)) {
      open.put(out, kind);
    }
  }

  /** A sign of life on all of them; those that are broken are let go. */
  void beat() {
    open.entrySet().removeIf(entry -> !isAlive(entry.getKey(), entry.getValue()));
  }

  private static boolean isAlive(OutputStream out, StreamKind kind) {
    try {
      out.write(kind.heartbeat());
      out.flush();
      return true;
    } catch (IOException e) {
      LOG.atDebug().setCause(e).log("a member has closed its stream");
      return false;
    }
  }
}
