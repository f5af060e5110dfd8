package io.lodestone.migrate;

import io.lodestone.client.lockstep.LockstepSink;
import io.lodestone.revisions.StreamItem;
import java.io.IOException;

/** A destination that runs, and repeats what the source does. */
record Replay(LockstepSink sink) implements Receiver {
  @Override
  public void accept(StreamItem item) throws IOException, InterruptedException {
    sink.accept(item);
  }

  @Override
  public void settle() throws IOException, InterruptedException {
    sink.commit();
  }

  @Override
  public long revision() {
    return sink.revision();
  }

  @Override
  public int leases() {
    return sink.leases();
  }
}
