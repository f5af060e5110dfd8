package io.lodestone.migrate;

import io.lodestone.client.lockstep.LockstepSink;
import io.lodestone.revisions.RevisionRecord;
import io.lodestone.revisions.RevisionStream;
import io.lodestone.revisions.StreamItem;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/** Carries what waits from one side to the other, several revisions at once where several wait. */
final class Carrier {
  private static final int MOST_ITEMS = 512;
  private static final long MOST_BYTES = 1 << 20;

  private final RevisionStream stream;
  private final LockstepSink sink;

  Carrier(RevisionStream stream, LockstepSink sink) {
    this.stream = stream;
    this.sink = sink;
  }

  /** Waits for something to come, {@code wait} at most; when this returns, it is repeated. */
  void carry(Duration wait) throws IOException, InterruptedException {
    Optional<StreamItem> item = stream.poll(wait);
    long bytes = 0;
    for (int items = 1; item.isPresent(); items++) {
      sink.accept(item.get());
      bytes += item.get() instanceof RevisionRecord row ? row.value().size() : 0;
      boolean enough = items >= MOST_ITEMS || bytes >= MOST_BYTES;
      item = enough ? Optional.empty() : stream.poll(Duration.ZERO);
    }
    sink.commit();
  }
}
