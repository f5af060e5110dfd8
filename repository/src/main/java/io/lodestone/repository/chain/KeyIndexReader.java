package io.lodestone.repository.chain;

import io.lodestone.repository.format.KeyHash;
import io.lodestone.repository.format.KeyIndexHeader;
import io.lodestone.repository.format.KeySlice;
import io.lodestone.repository.format.OpenedObject;
import io.lodestone.repository.format.OpenedObject.KeyIndexHead;
import io.lodestone.repository.objects.ObjectStore;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;

/** Reads slices of one key index; keeps the one read last. Confined to one thread. */
final class KeyIndexReader {
  private final ObjectStore store;
  private final String name;
  private final KeyIndexHead head;
  private final Optional<OpenedObject<KeyIndexHeader>> whole;
  private int kept = -1;
  private Optional<KeySlice> slice = Optional.empty();

  /**
   * @param whole where the filters are encrypted, which can only be read together
   */
  KeyIndexReader(
      ObjectStore store,
      String name,
      KeyIndexHead head,
      Optional<OpenedObject<KeyIndexHeader>> whole) {
    this.store = store;
    this.name = name;
    this.head = head;
    this.whole = whole;
  }

  KeyIndexHeader header() {
    return head.header();
  }

  /** The slice that tells of a key; costs one ranged request. */
  KeySlice slice(KeyHash key) throws IOException {
    if (whole.isPresent()) {
      return OpenedObject.slice(whole.get(), key);
    }
    if (kept != key.slice() || slice.isEmpty()) {
      int length = header().sliceBytes();
      long offset = head.filtersOffset() + (long) key.slice() * length;
      try (InputStream in = store.read(name, offset, length)) {
        slice = Optional.of(KeySlice.open(name, header(), in.readAllBytes(), 0));
        kept = key.slice();
      }
    }
    return slice.get();
  }
}
