package io.lodestone.restore.drill;

import io.lodestone.revisions.RevisionSink;
import io.lodestone.revisions.StreamItem;
import java.io.IOException;

/** Gives every item to two sinks, which stay the caller's to close. */
record TwoSinks(RevisionSink first, RevisionSink second) implements RevisionSink {
  @Override
  public void accept(StreamItem item) throws IOException, InterruptedException {
    first.accept(item);
    second.accept(item);
  }

  @Override
  public long commit() throws IOException, InterruptedException {
    long revision = first.commit();
    long other = second.commit();
    if (revision != other) {
      throw new IllegalStateException("one sink stands at " + revision + ", one at " + other);
    }
    return revision;
  }

  @Override
  public void close() {}
}
