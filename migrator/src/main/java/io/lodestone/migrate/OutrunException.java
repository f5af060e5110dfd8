package io.lodestone.migrate;

import io.lodestone.api.LodestoneException;

/** The source writes faster than the destination can repeat, and has done so for a while. */
final class OutrunException extends LodestoneException {
  private static final long serialVersionUID = 1;

  private final long writtenPerSecond;
  private final long replayedPerSecond;

  OutrunException(long writtenPerSecond, long replayedPerSecond) {
    super(
        "the source makes "
            + writtenPerSecond
            + " revisions a second, the destination repeats "
            + replayedPerSecond,
        "seed it late: --late-seed, or --stop-command");
    this.writtenPerSecond = writtenPerSecond;
    this.replayedPerSecond = replayedPerSecond;
  }

  long writtenPerSecond() {
    return writtenPerSecond;
  }

  long replayedPerSecond() {
    return replayedPerSecond;
  }
}
