package io.lodestone.revisions;

import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/** The reference source: a list of items. */
public final class MemoryStream implements RevisionStream {
  private final Iterator<StreamItem> items;

  public MemoryStream(List<? extends StreamItem> items) {
    this.items = List.<StreamItem>copyOf(items).iterator();
  }

  @Override
  public Optional<StreamItem> poll(Duration maxWait) {
    return Optional.of(items.hasNext() ? items.next() : new StreamItem.End());
  }

  @Override
  public void close() {}
}
