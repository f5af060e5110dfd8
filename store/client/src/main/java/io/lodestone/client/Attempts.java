package io.lodestone.client;

import io.grpc.Status;
import io.lodestone.api.ErrorCode;
import io.lodestone.api.LodestoneException;
import io.lodestone.api.StoreException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The attempts at a watch that breaks: which failures another one may cure, and how long to wait
 * before it. Trouble with the connection is borne without end; what is refused, a few times, since
 * a new login may cure it. Confined to the reader's thread.
 */
final class Attempts {
  private static final Logger LOG = LoggerFactory.getLogger(Attempts.class);

  private static final long FIRST_PAUSE_MILLIS = 50;
  private static final int LONGEST_PAUSE_SHIFT = 6;
  private static final int REFUSALS = 4;

  private final EtcdConnection connection;

  /** Failures since the last response. */
  private int failures;

  private int refusals;

  Attempts(EtcdConnection connection) {
    this.connection = connection;
  }

  /** The watch has told something. */
  void succeeded() {
    failures = 0;
    refusals = 0;
  }

  /** There was nothing to tell. */
  void upToDate() {
    failures = 0;
  }

  /** Whether to try again; forgets the login where something was refused. */
  boolean mayCure(LodestoneException failure) {
    if (failure instanceof UnavailableException) {
      return true;
    }
    if (!(failure instanceof StoreException refused)) {
      return false;
    }
    if (refused.code().status() == Status.Code.UNAVAILABLE) {
      return true;
    }
    connection.forgetLogin();
    return isCurable(refused.code()) && ++refusals < REFUSALS;
  }

  /** A new login may cure it: servers deny what an expired token asks for. */
  private boolean isCurable(ErrorCode code) {
    boolean login = code == ErrorCode.PERMISSION_DENIED || Tokens.isStale(code);
    return code == ErrorCode.WATCH_CANCELED || (login && connection.hasCredentials());
  }

  /** Tells of {@code failure} behind {@code position}; how many milliseconds to wait now. */
  long next(long position, LodestoneException failure) {
    long pause = FIRST_PAUSE_MILLIS << Math.min(failures++, LONGEST_PAUSE_SHIFT);
    LOG.atWarn()
        .addKeyValue("position", position)
        .addKeyValue("attempt", failures)
        .addKeyValue("reason", failure.getMessage())
        .log("the watch broke; resuming");
    return pause;
  }
}
