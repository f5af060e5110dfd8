package io.lodestone.client.lockstep;

import io.lodestone.revisions.RevisionSink;
import io.lodestone.revisions.RevisionStream;
import io.lodestone.revisions.StreamItem;
import io.lodestone.revisions.StreamItem.End;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/** A base in memory, exactly as it was told. */
final class MemoryShelf implements BaseShelf {
  private final List<StreamItem> items = new ArrayList<>();

  @Override
  public RevisionSink put() {
    items.clear();
    return new RevisionSink() {
      @Override
      public void accept(StreamItem item) {
        items.add(item);
      }

      @Override
      public long commit() {
        return 0;
      }

      @Override
      public void close() {}
    };
  }

  @Override
  public RevisionStream take() {
    Iterator<StreamItem> rest = List.copyOf(items).iterator();
    return new RevisionStream() {
      @Override
      public Optional<StreamItem> poll(Duration maxWait) {
        return Optional.of(rest.hasNext() ? rest.next() : new End());
      }

      @Override
      public void close() {}
    };
  }
}
