package io.lodestone.cli;

import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/**
 * How the program ends on SIGTERM and SIGINT: the running command is asked to stop, gets time to
 * make durable what it has, and its exit code becomes that of the process. Commands that did not
 * say how to stop are cut off; they leave nothing partial behind. Thread-safe.
 */
final class Shutdown {
  private static final long PATIENCE_SECONDS = 30;

  private final AtomicReference<Optional<Runnable>> stop = new AtomicReference<>(Optional.empty());
  private final CountDownLatch ended = new CountDownLatch(1);
  private volatile int exitCode;

  /** Listens for signals from now on. */
  void listen() {
    Runtime.getRuntime().addShutdownHook(new Thread(this::onSignalOrExit, "shutdown"));
  }

  /** Says how to ask the running command to stop. {@code action} must return at once. */
  void onStop(Runnable action) {
    stop.set(Optional.of(action));
  }

  /** Asks the running command to stop, as a signal does, if it has said how. */
  void ask() {
    stop.get().ifPresent(Runnable::run);
  }

  /** Ends the process. */
  void exit(int code) {
    exitCode = code;
    ended.countDown();
    System.exit(code);
  }

  /** Also runs on an ordinary exit, when there is nothing left to ask for. */
  private void onSignalOrExit() {
    stop.get().ifPresent(this::askAndWait);
  }

  private void askAndWait(Runnable action) {
    action.run();
    try {
      if (ended.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        Runtime.getRuntime().halt(exitCode);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
