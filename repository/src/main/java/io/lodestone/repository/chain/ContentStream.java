package io.lodestone.repository.chain;

import io.lodestone.repository.format.EntryHeader;
import io.lodestone.repository.format.FrameReader;
import io.lodestone.repository.format.OpenedObject;
import io.lodestone.repository.format.PartFacts;
import io.lodestone.revisions.StreamItem;
import java.io.IOException;
import java.util.Iterator;
import java.util.Optional;

/**
 * The items of an entry's content: of its parts, in order, then of the entry itself. Holds one
 * object at a time, and those that are read ahead. Confined to one thread.
 */
public final class ContentStream implements AutoCloseable {
  private final EntryLog log;
  private final OpenedObject<EntryHeader> entry;
  private final Iterator<PartFacts> parts;
  private final Optional<ObjectsAhead.Parts> partsAhead;
  private FrameReader frames;
  private boolean inEntry;

  public ContentStream(EntryLog log, OpenedObject<EntryHeader> entry) throws IOException {
    this(log, entry, Optional.empty());
  }

  /** Parts are read ahead where there is something to do that. */
  public ContentStream(EntryLog log, OpenedObject<EntryHeader> entry, Optional<ObjectsAhead> ahead)
      throws IOException {
    this.log = log;
    this.entry = entry;
    this.parts = entry.header().parts().iterator();
    this.partsAhead = ahead.map(reading -> reading.parts(entry.header().parts()));
    this.frames = nextFrames();
  }

  /** The next item, or empty at the end. */
  public Optional<StreamItem> next() throws IOException {
    while (true) {
      Optional<StreamItem> item = frames.next();
      if (item.isPresent() || inEntry) {
        return item;
      }
      frames.close();
      frames = nextFrames();
    }
  }

  private FrameReader nextFrames() throws IOException {
    if (partsAhead.isPresent() ? partsAhead.get().hasNext() : parts.hasNext()) {
      OpenedObject<?> part =
          partsAhead.isPresent() ? partsAhead.get().next() : log.read(parts.next());
      return part.frames();
    }
    inEntry = true;
    return entry.frames();
  }

  @Override
  public void close() {
    partsAhead.ifPresent(ObjectsAhead.Parts::forget);
    frames.close();
  }
}
