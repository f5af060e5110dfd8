package io.lodestone.repository;

import io.lodestone.api.LodestoneException;
import io.lodestone.repository.chain.EntryLog;
import io.lodestone.repository.chain.LineageNames;
import io.lodestone.repository.format.EntryHeader.Kind;
import io.lodestone.repository.objects.StoredObject;
import java.io.IOException;
import java.util.Iterator;

/**
 * Deletes the old end of a log, in the order that leaves a valid repository whenever it stops:
 * entries from the oldest on, then the parts that only they named.
 */
final class Retention {
  private Retention() {}

  static long forgetBefore(EntryLog log, long baseSeq) throws IOException {
    if (log.header(baseSeq).kind() != Kind.BASE) {
      throw new LodestoneException(
          "entry " + baseSeq + " of lineage " + log.names().lineage() + " is no base",
          "keep from a base on; describe lists them");
    }
    LineageNames names = log.names();
    return deleteBefore(log, names.entries(), names.entry(baseSeq))
        + deleteBefore(log, names.parts(), names.setsOf(baseSeq));
  }

  private static long deleteBefore(EntryLog log, String prefix, String end) throws IOException {
    long deleted = 0;
    Iterator<StoredObject> objects = log.store().list(prefix, "");
    while (objects.hasNext()) {
      String name = objects.next().name();
      if (name.compareTo(end) >= 0) {
        break;
      }
      log.store().delete(name);
      deleted++;
    }
    return deleted;
  }
}
