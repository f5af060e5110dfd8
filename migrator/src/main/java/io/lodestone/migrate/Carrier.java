package io.lodestone.migrate;

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
  private final Receiver receiver;

  Carrier(RevisionStream stream, Receiver receiver) {
    this.stream = stream;
    this.receiver = receiver;
  }

  /** Waits for something to come, {@code wait} at most; when this returns, it is there. */
  void carry(Duration wait) throws IOException, InterruptedException {
    Optional<StreamItem> item = stream.poll(wait);
    long bytes = 0;
    for (int items = 1; item.isPresent(); items++) {
      receiver.accept(item.get());
      bytes += item.get() instanceof RevisionRecord row ? row.value().size() : 0;
      boolean enough = items >= MOST_ITEMS || bytes >= MOST_BYTES;
      item = enough ? Optional.empty() : stream.poll(Duration.ZERO);
    }
    receiver.settle();
  }
}
