package io.lodestone.repository;

import io.lodestone.api.KeyRange;
import io.lodestone.api.LodestoneException;
import io.lodestone.repository.VerifyReport.Problem;
import io.lodestone.repository.chain.EntryLog;
import io.lodestone.repository.format.EntryHeader;
import io.lodestone.repository.format.KeyHash;
import io.lodestone.repository.format.KeyIndexHeader;
import io.lodestone.repository.format.KeyIndexHeader.PartKeys;
import io.lodestone.repository.format.KeySlice;
import io.lodestone.repository.format.OpenedObject;
import io.lodestone.repository.format.PartFacts;
import io.lodestone.repository.objects.RefusedStoreException;
import io.lodestone.repository.objects.UnreachableStoreException;
import io.lodestone.revisions.RevisionRecord;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
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
  private final List<Problem> problems = new ArrayList<>();

  KeyIndexCheck(EntryLog log, EntryHeader header) {
    this.log = log;
    this.parts = header.parts().iterator();
  }

  /** What was found wrong so far, each with its object. */
  List<Problem> problems() {
    return List.copyOf(problems);
  }

  /** Takes the next row of the entry's content. */
  void take(RevisionRecord row) throws IOException {
    while (knows && left == 0) {
      nextPart();
    }
    if (knows) {
      left--;
      check(row);
    }
  }

  private void check(RevisionRecord row) {
    OpenedObject<KeyIndexHeader> opened = index.orElseThrow();
    PartKeys keys = part.orElseThrow();
    KeyHash hash = KeyHash.of(row.key());
    boolean told =
        OpenedObject.slice(opened, hash).mayContain(keys.number(), hash)
            && KeySlice.mayOverlap(keys, KeyRange.single(row.key()))
            && row.main() >= keys.firstRevision()
            && row.main() <= keys.lastRevision();
    if (!told) {
      String what = "it denies a key that part " + keys.number() + " has at " + row.main();
      problems.add(new Problem(opened.name(), what));
      knows = false;
    }
  }

  /** The content is over: looks at what else there is of the last set. */
  void finish() throws IOException {
    while (parts.hasNext()) {
      nextPart();
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
      index = open(next.number());
    }
    part =
        index.stream()
            .flatMap(opened -> opened.header().parts().stream())
            .filter(keys -> keys.number() == next.number())
            .findFirst();
    knows &= part.isPresent();
    left = part.map(PartKeys::records).orElse(0L);
  }

  /** The index that tells of a part; none where it is damaged, or there is none. */
  private Optional<OpenedObject<KeyIndexHeader>> open(int number) throws IOException {
    while (names.hasNext()) {
      String name = names.next();
      try {
        OpenedObject<KeyIndexHeader> opened = log.readKeyIndex(name);
        if (opened.header().lastPart() >= number) {
          return Optional.of(opened);
        }
      } catch (UnreachableStoreException | RefusedStoreException e) {
        throw e; // what could not be read is not damaged
      } catch (LodestoneException e) {
        problems.add(new Problem(name, e.getMessage()));
      }
    }
    return Optional.empty();
  }
}
