package io.lodestone.repository.chain;

import com.google.protobuf.ByteString;
import io.lodestone.api.CorruptDataException;
import io.lodestone.api.KeyRange;
import io.lodestone.api.TruncatedDataException;
import io.lodestone.repository.format.KeyHash;
import io.lodestone.repository.format.KeyIndexHeader;
import io.lodestone.repository.format.KeyIndexHeader.PartKeys;
import io.lodestone.repository.format.KeySlice;
import io.lodestone.repository.objects.MissingObjectException;
import java.io.IOException;
import java.util.Iterator;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is known of the keys in the parts of one set. Where there is no index, or a damaged one, any
 * key may be in any part: an index saves reading, and nothing depends on it. Holds the header of
 * one index and one slice of it. Confined to one thread.
 */
public final class KeyIndexes {
  private static final Logger LOG = LoggerFactory.getLogger(KeyIndexes.class);

  private final EntryLog log;
  private final NavigableMap<Integer, String> namesByLastPart;
  private Optional<Opened> opened = Optional.empty();

  private KeyIndexes(EntryLog log, NavigableMap<Integer, String> namesByLastPart) {
    this.log = log;
    this.namesByLastPart = namesByLastPart;
  }

  /** Lists the indexes of a set. */
  public static KeyIndexes of(EntryLog log, String set) throws IOException {
    NavigableMap<Integer, String> names = new TreeMap<>();
    Iterator<String> listed = log.keyIndexes(set);
    while (listed.hasNext()) {
      String name = listed.next();
      names.put(LineageNames.lastPart(name), name);
    }
    return new KeyIndexes(log, names);
  }

  /** An index that was looked at; without a header where it is of no use. */
  private static final class Opened {
    final String name;
    final Optional<KeyIndexReader> reader;

    Opened(String name, Optional<KeyIndexReader> reader) {
      this.name = name;
      this.reader = reader;
    }
  }

  /** What the index says of a part; empty where there is none for it. */
  public Optional<PartKeys> of(int part) throws IOException {
    return reader(part).flatMap(index -> find(index.header(), part));
  }

  private static Optional<PartKeys> find(KeyIndexHeader header, int part) {
    return header.parts().stream().filter(keys -> keys.number() == part).findFirst();
  }

  /** False where the part certainly has no key of the range. */
  public boolean mayContain(int part, KeyRange range) throws IOException {
    Optional<KeyIndexReader> index = reader(part);
    Optional<PartKeys> keys = of(part);
    if (index.isEmpty() || keys.isEmpty()) {
      return true;
    }
    return KeySlice.mayOverlap(keys.get(), range)
        && (!range.isSingle() || mayContain(index.get(), part, range.start()));
  }

  private boolean mayContain(KeyIndexReader index, int part, ByteString key) throws IOException {
    KeyHash hash = KeyHash.of(key);
    try {
      return index.slice(hash).mayContain(part, hash);
    } catch (MissingObjectException | CorruptDataException | TruncatedDataException e) {
      giveUp(opened.orElseThrow().name, e);
      return true;
    }
  }

  private Optional<KeyIndexReader> reader(int part) throws IOException {
    Map.Entry<Integer, String> found = namesByLastPart.ceilingEntry(part);
    if (found == null) {
      return Optional.empty();
    }
    String name = found.getValue();
    if (opened.isEmpty() || !opened.get().name.equals(name)) {
      try {
        opened = Optional.of(new Opened(name, Optional.of(log.keyIndex(name))));
      } catch (MissingObjectException | CorruptDataException | TruncatedDataException e) {
        giveUp(name, e);
      }
    }
    return opened.orElseThrow().reader;
  }

  private void giveUp(String name, RuntimeException why) {
    LOG.atWarn().addKeyValue("object", name).setCause(why).log("cannot use a key index");
    opened = Optional.of(new Opened(name, Optional.empty()));
  }
}
