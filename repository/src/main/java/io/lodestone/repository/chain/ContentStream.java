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
 * object at a time. Confined to one thread.
 */
public final class ContentStream implements AutoCloseable {
  private final EntryLog log;
  private final OpenedObject<EntryHeader> entry;
  private final Iterator<PartFacts> parts;
  private FrameReader frames;
  private boolean inEntry;

  public ContentStream(EntryLog log, OpenedObject<EntryHeader> entry) throws IOException {
    this.log = log;
    this.entry = entry;
    this.parts = entry.header().parts().iterator();
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
    if (parts.hasNext()) {
      return log.read(parts.next()).frames();
    }
    inEntry = true;
    return entry.frames();
  }

  @Override
  public void close() {
    frames.close();
  }
}
