package io.lodestone.repository;

import io.lodestone.repository.chain.LineageNames;
import io.lodestone.repository.format.ContentCipher;
import io.lodestone.repository.format.ContentFacts;
import io.lodestone.repository.format.FrameWriter;
import io.lodestone.repository.format.Frames;
import io.lodestone.repository.format.KeyIndexHeader;
import io.lodestone.repository.format.KeyIndexWriter;
import io.lodestone.repository.format.KeyIndexWriter.KeyIndex;
import io.lodestone.repository.format.PartFacts;
import io.lodestone.repository.format.PartHeader;
import io.lodestone.repository.format.SealedObject;
import io.lodestone.repository.objects.ObjectStore;
import io.lodestone.revisions.RevisionRecord;
import io.lodestone.revisions.StreamItem;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The content of an entry while it grows: full pieces go out as parts at once, and what keys they
 * have as key indexes behind them, so that memory holds two parts and a few megabytes of filters at
 * most, however long the content gets. Confined to the writer's thread.
 */
final class Draft implements AutoCloseable {
  /** What an entry holds itself; more becomes a part, which a key index then tells of. */
  private static final int MAX_INLINE_BYTES = 1 << 20;

  private final LineageNames names;
  private final String set;
  private final WriterSettings settings;
  private final ContentCipher cipher;
  private final PartUploader uploader;
  private final FrameWriter frames;
  private final KeyIndexWriter keys = new KeyIndexWriter();
  private final List<PartFacts> parts = new ArrayList<>();
  private final List<String> stored = new ArrayList<>();

  Draft(
      LineageNames names,
      String set,
      WriterSettings settings,
      ContentCipher cipher,
      PartUploader uploader) {
    this.names = names;
    this.cipher = cipher;
    this.set = set;
    this.settings = settings;
    this.frames = new FrameWriter(settings.frameBytes(), settings.compressionLevel());
    this.uploader = uploader;
  }

  /** What is in a finished draft: the frames for the entry itself, and the parts before them. */
  record Content(Frames inline, List<PartFacts> parts) {
    static final Content NONE = new Content(Frames.NONE, List.of());
  }

  void add(StreamItem item) throws IOException, InterruptedException {
    frames.add(item);
    if (item instanceof RevisionRecord record) {
      keys.add(record);
    }
    if (frames.bytes() >= settings.partBytes()
        || keys.records() == KeyIndexWriter.MAX_PART_RECORDS) {
      uploadPart(frames.take());
    }
  }

  private void uploadPart(Frames piece) throws IOException, InterruptedException {
    int number = parts.size() + 1;
    SealedObject part =
        SealedObject.part(
            cipher,
            new PartHeader(names.lineage(), set, number, ContentFacts.of(piece), Optional.empty()),
            piece);
    parts.add(new PartFacts(set, number, part.bytes().size(), part.hash()));
    upload(names.part(set, number), part);
    keys.endPart(number);
    if (keys.isFull()) {
      uploadKeys();
    }
  }

  private void uploadKeys() throws IOException, InterruptedException {
    Optional<KeyIndex> index = keys.take(names.lineage(), set);
    if (index.isPresent()) {
      KeyIndexHeader header = index.get().header();
      upload(
          names.keyIndex(set, header.firstPart(), header.lastPart()),
          SealedObject.keyIndex(cipher, index.get()));
    }
  }

  private void upload(String name, SealedObject object) throws IOException, InterruptedException {
    stored.add(name);
    uploader.upload(name, object);
  }

  /** Ends the content. When this returns, all its parts and what tells of them are durable. */
  Content finish() throws IOException, InterruptedException {
    Frames rest = frames.take();
    frames.close();
    if (rest.bytes().size() > MAX_INLINE_BYTES) {
      uploadPart(rest);
      rest = Frames.NONE;
    }
    uploadKeys();
    uploader.await();
    return new Content(rest, List.copyOf(parts));
  }

  /** Takes back what was stored, as far as they are there: the entry will never exist. */
  void discard(ObjectStore store) throws IOException {
    for (String name : stored) {
      store.delete(name);
    }
  }

  @Override
  public void close() {
    frames.close();
  }
}
