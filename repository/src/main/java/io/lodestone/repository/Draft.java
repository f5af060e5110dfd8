package io.lodestone.repository;

import io.lodestone.repository.chain.LineageNames;
import io.lodestone.repository.format.ContentFacts;
import io.lodestone.repository.format.FrameWriter;
import io.lodestone.repository.format.Frames;
import io.lodestone.repository.format.PartFacts;
import io.lodestone.repository.format.PartHeader;
import io.lodestone.repository.format.SealedObject;
import io.lodestone.repository.objects.ObjectStore;
import io.lodestone.revisions.StreamItem;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * The content of an entry while it grows: full pieces go out as parts at once, so that memory holds
 * two of them at most, however long the content gets. Confined to the writer's thread.
 */
final class Draft implements AutoCloseable {
  private final LineageNames names;
  private final String set;
  private final WriterSettings settings;
  private final PartUploader uploader;
  private final FrameWriter frames;
  private final List<PartFacts> parts = new ArrayList<>();

  Draft(LineageNames names, String set, WriterSettings settings, PartUploader uploader) {
    this.names = names;
    this.set = set;
    this.settings = settings;
    this.frames = new FrameWriter(settings.frameBytes());
    this.uploader = uploader;
  }

  /** What is in a finished draft: the frames for the entry itself, and the parts before them. */
  record Content(Frames inline, List<PartFacts> parts) {
    static final Content NONE = new Content(Frames.NONE, List.of());
  }

  void add(StreamItem item) throws IOException, InterruptedException {
    frames.add(item);
    if (frames.bytes() >= settings.partBytes()) {
      uploadPart();
    }
  }

  private void uploadPart() throws IOException, InterruptedException {
    int number = parts.size() + 1;
    Frames piece = frames.take();
    SealedObject part =
        SealedObject.part(
            new PartHeader(names.lineage(), set, number, ContentFacts.of(piece)), piece);
    parts.add(new PartFacts(set, number, part.bytes().size(), part.hash()));
    uploader.upload(names.part(set, number), part);
  }

  /** Ends the content. When this returns, all its parts are durable. */
  Content finish() throws IOException, InterruptedException {
    Content content = new Content(frames.take(), List.copyOf(parts));
    frames.close();
    uploader.await();
    return content;
  }

  /** Takes the parts back, as far as they are there: the entry will never exist. */
  void discard(ObjectStore store) throws IOException {
    for (PartFacts part : parts) {
      store.delete(names.part(part.set(), part.number()));
    }
  }

  @Override
  public void close() {
    frames.close();
  }
}
