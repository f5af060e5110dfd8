package io.lodestone.repository.format;

/**
 * What a header says of the frames in its object. Immutable.
 *
 * @param frames number of frames
 * @param bytes their stored bytes
 * @param records revision records in them
 * @param items all items in them
 * @param uncompressedBytes their plain bytes
 */
public record ContentFacts(
    int frames, long bytes, long records, long items, long uncompressedBytes) {
  public static final ContentFacts NONE = new ContentFacts(0, 0, 0, 0, 0);

  public ContentFacts {
    if (frames < 0 || bytes < 0 || records < 0 || items < 0 || uncompressedBytes < 0) {
      throw new IllegalArgumentException("a count is negative");
    }
  }

  public static ContentFacts of(Frames frames) {
    return new ContentFacts(
        frames.count(),
        frames.bytes().size(),
        frames.records(),
        frames.items(),
        frames.uncompressedBytes());
  }

  public ContentFacts plus(ContentFacts other) {
    return new ContentFacts(
        frames + other.frames,
        bytes + other.bytes,
        records + other.records,
        items + other.items,
        uncompressedBytes + other.uncompressedBytes);
  }
}
