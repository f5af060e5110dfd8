package io.lodestone.client.lockstep;

import com.google.protobuf.ByteString;
import io.lodestone.api.mvccpb.KeyValue;
import java.util.Collection;
import java.util.Optional;
import java.util.TreeSet;

/**
 * Keys of our own that use up what nothing else needs: {@code <prefix>pad} whole revisions, {@code
 * <prefix>N} the {@code N}-th place in one. Confined to the replaying thread.
 */
final class PadKeys {
  private static final ByteString NAME = ByteString.copyFromUtf8("lodestone-forging/");
  private static final ByteString MORE = ByteString.copyFromUtf8("~");

  private final ByteString prefix;
  private final TreeSet<ByteString> live =
      new TreeSet<>(ByteString.unsignedLexicographicalComparator());
  private Optional<KeyValue> pad = Optional.empty();

  private PadKeys(ByteString prefix) {
    this.prefix = prefix;
  }

  /** Whether our keys have to be named differently because of {@code key}. */
  static boolean isAlike(ByteString key) {
    int tildes = 0;
    while (tildes < key.size() && key.byteAt(tildes) == MORE.byteAt(0)) {
      tildes++;
    }
    return key.substring(tildes).startsWith(NAME);
  }

  /**
   * Keys that no key of the source is like.
   *
   * @param source its keys that are alike
   * @param present what the destination has, among it perhaps what an earlier attempt has left
   */
  static PadKeys unlike(Collection<ByteString> source, Collection<KeyValue> present) {
    ByteString prefix = NAME;
    while (anyBeginsWith(source, prefix)) {
      prefix = MORE.concat(prefix);
    }
    PadKeys pads = new PadKeys(prefix);
    for (KeyValue found : present) {
      if (pads.contains(found.getKey())) {
        pads.live.add(found.getKey());
        pads.pad = found.getKey().equals(pads.pad()) ? Optional.of(found) : pads.pad;
      }
    }
    return pads;
  }

  private static boolean anyBeginsWith(Collection<ByteString> keys, ByteString prefix) {
    return keys.stream().anyMatch(key -> key.startsWith(prefix));
  }

  boolean contains(ByteString key) {
    return key.startsWith(prefix);
  }

  /** The key of whole revisions. */
  ByteString pad() {
    return prefix.concat(ByteString.copyFromUtf8("pad"));
  }

  /** The key of whole revisions as it was when the forging began; empty where there was none. */
  Optional<KeyValue> found() {
    return pad;
  }

  /** A key that has not been taken for this revision, if {@code place} has not. */
  ByteString filler(int place) {
    return prefix.concat(ByteString.copyFromUtf8(Integer.toString(place)));
  }

  void putAt(ByteString key) {
    live.add(key);
  }

  /** In ascending order. */
  Collection<ByteString> live() {
    return live;
  }
}
