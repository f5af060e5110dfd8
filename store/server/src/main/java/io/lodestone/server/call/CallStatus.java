package io.lodestone.server.call;

import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import io.lodestone.api.StoreException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Turns failures into what a client of etcd is told: the only place that does. Thread-safe. */
public final class CallStatus {
  private static final Logger log = LoggerFactory.getLogger(CallStatus.class);

  private CallStatus() {}

  /**
   * The status for a failed call: the catalogue's for a {@link StoreException}, the given one where
   * a status was thrown; anything else is a defect or a broken disk, is logged, and becomes UNKNOWN
   * with the failure's own words, as etcd tells errors that it has no code for.
   */
  public static Status of(Throwable failure) {
    Throwable cause = unwrapped(failure);
    if (cause instanceof StoreException refused) {
      return refused.code().status().toStatus().withDescription(refused.getMessage());
    }
    if (cause instanceof StatusRuntimeException known) {
      return known.getStatus();
    }
    if (cause instanceof StatusException known) {
      return known.getStatus();
    }
    log.atError().setCause(cause).log("a call failed unexpectedly");
    return Status.UNKNOWN.withDescription(String.valueOf(cause.getMessage()));
  }

  private static Throwable unwrapped(Throwable failure) {
    Throwable cause = failure;
    while ((cause instanceof CompletionException || cause instanceof ExecutionException)
        && cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause;
  }
}
