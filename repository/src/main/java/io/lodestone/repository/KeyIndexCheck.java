package io.lodestone.repository;

import io.lodestone.repository.chain.EntryLog;
import io.lodestone.repository.chain.LineageNames;
import io.lodestone.repository.format.Damage;
import io.lodestone.repository.format.EntryHeader;
import io.lodestone.repository.format.KeyHash;
import io.lodestone.repository.format.KeyIndexHeader;
import io.lodestone.repository.format.KeyIndexHeader.PartKeys;
import io.lodestone.repository.format.OpenedObject;
import io.lodestone.repository.format.PartFacts;
import io.lodestone.revisions.RevisionRecord;
import java.io.IOException;
import java.util.Collections;
import java.util.Iterator;
import java.util.Optional;

/**
 * Holds the rows of an entry against the key indexes of its parts: a key that an index denies would
 * be overlooked. Which part a row is from follows from the counts in the index. Holds one index.
 * Confined to one thread.
 */
final class KeyIndexCheck {
  private final EntryLog log;
  private final Iterator<PartFacts> parts;
  private Optional<String> set = Optional.empty();
  private Iterator<String> names = Collections.emptyIterator();
  private Optional<OpenedObject<KeyIndexHeader>> index = Optional.empty();
  private Optional<PartKeys> part = Optional.empty();
  private long left;
  private boolean knows = true;

  KeyIndexCheck(EntryLog log, EntryHeader header) {
    this.log = log;
    this.parts = header.parts().iterator();
  }

  /** Takes the next row of the entry's content. */
  void take(RevisionRecord row) throws IOException {
    while (knows && left == 0) {
      nextPart();
    }
    if (!knows) {
      return;
    }
    left--;
    OpenedObject<KeyIndexHeader> opened = index.orElseThrow();
    PartKeys keys = part.orElseThrow();
    KeyHash hash = KeyHash.of(row.key());
    boolean told =
        OpenedObject.slice(opened, hash).mayContain(keys.number(), hash)
            && row.main() >= keys.firstRevision()
            && row.main() <= keys.lastRevision();
    if (!told) {
      throw Damage.corrupt(
          opened.name(), 0, "it denies a key that part " + keys.number() + " has at " + row.main());
    }
  }

  private void nextPart() throws IOException {
    if (!parts.hasNext()) {
      knows = false;
      return;
    }
    PartFacts next = parts.next();
    if (!set.equals(Optional.of(next.set()))) {
      set = Optional.of(next.set());
      names = log.keyIndexes(next.set());
      index = Optional.empty();
    }
    if (index.isEmpty() || index.get().header().lastPart() < next.number()) {
      Optional<String> name = nameFor(next.number());
      index = name.isPresent() ? Optional.of(log.readKeyIndex(name.get())) : Optional.empty();
    }
    part =
        index.stream()
            .flatMap(opened -> opened.header().parts().stream())
            .filter(keys -> keys.number() == next.number())
            .findFirst();
    knows = part.isPresent();
    left = part.map(PartKeys::records).orElse(0L);
  }

  private Optional<String> nameFor(int number) {
    while (names.hasNext()) {
      String name = names.next();
      if (LineageNames.lastPart(name) >= number) {
        return Optional.of(name);
      }
    }
    return Optional.empty();
  }
}
