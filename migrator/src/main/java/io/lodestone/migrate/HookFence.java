package io.lodestone.migrate;

import io.lodestone.api.LodestoneException;
import io.lodestone.client.EtcdConnection;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** The user's own way to stop the writers, by a command or by hand; held against the revision. */
final class HookFence implements Fence {
  private static final long STILL_MILLIS = 500;

  private final EtcdConnection cluster;
  private final HookRunner runner;
  private final Optional<String> raise;
  private final Optional<String> lower;

  HookFence(
      EtcdConnection cluster, HookRunner runner, Optional<String> raise, Optional<String> lower) {
    this.cluster = cluster;
    this.runner = runner;
    this.raise = raise;
    this.lower = lower;
  }

  @Override
  public void prepare() {} // the command is the user's; what it needs is not known here

  @Override
  public void raise() throws IOException, InterruptedException {
    runner.run("fence", raise);
    long before = cluster.revision();
    TimeUnit.MILLISECONDS.sleep(STILL_MILLIS);
    long after = cluster.revision();
    if (after != before) {
      throw new LodestoneException(
          "the source is still written to: from revision "
              + before
              + " to "
              + after
              + " within "
              + STILL_MILLIS
              + " ms",
          "stop all writers, and leases that expire, or let the source be fenced: --fence alarm");
    }
  }

  @Override
  public void lower() throws IOException, InterruptedException {
    runner.run("unfence", lower);
  }

  @Override
  public boolean stopsReplay() {
    return false;
  }
}
